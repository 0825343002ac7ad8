// Which answers does postgres.js get? Prints everything a program could see, in order, or only
// what reads.
'use strict';

const postgres = require('postgres');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { show, shownError, fails, eventually, run } = require('./shown.js');

const READS_ONLY = process.env.CLIENT_MODE === 'reads';

function connected(settings = {}) {
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
  const { connection, ...rest } = settings;
  return postgres({
    host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD, database: PGDATABASE, ssl: false, max: 1,
    onnotice: (notice) => show('notice', notice), connection: { application_name: 'client', ...connection },
    ...rest,
  });
}

const shown = (result) => ({
  command: result.command, count: result.count, rows: [...result],
  columns: result.columns?.map(({ name, type, table, number }) => [name, type, table, number]),
});

async function values(sql) {
  show('extended', shown(await sql`SELECT * FROM orders WHERE id < ${6} ORDER BY id`));
  show('prepared once', shown(await sql`SELECT name FROM customers WHERE id = ${7}`));
  for (let n = 1; n < 12; n += 1) show('again', shown(await sql`SELECT name FROM customers WHERE id = ${n}`));
  show('simple', (await sql`SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT WHERE false`.simple()).map(shown));
  show('unsafe', shown(await sql.unsafe('SELECT $1::int AS n, $2::text AS t', [4, 'four'])));
  show('prepared', shown(await sql.unsafe('SELECT $1::int AS n', [5], { prepare: true })));
  show('described', (await sql`SELECT id, name FROM customers WHERE id = ${1}`.describe()).types);
  show('raw', (await sql`SELECT id, note FROM customers ORDER BY id LIMIT 3`.raw()).map((row) => row.map(String)));
  show('values', await sql`SELECT id, city FROM customers ORDER BY id LIMIT 3`.values());
  show('arrays', shown(await sql`SELECT ${sql.array([1, 2, 3])}::int[] AS i, ${['a', 'b,"c']}::text[] AS t`));
  show('json', shown(await sql`SELECT ${sql.json({ a: [1, null, 'x'] })}::jsonb AS j`));
  show('dates', shown(await sql`SELECT ${new Date(0)}::timestamptz AS t, '2024-02-29'::date AS d, ${Buffer.from([0, 255])}::bytea AS b`));
  show('large', shown(await sql`SELECT 9007199254740993::bigint AS b, 1.10::numeric AS n, ${null}::text AS nothing`));
  show('in', shown(await sql`SELECT id FROM customers WHERE id IN ${sql([3, 1, 2])} ORDER BY id`));
}

async function pipelines(sql) {
  // Five at once, and a hundred, on one connection: all are on the wire before the first answer.
  for (const many of [5, 100]) {
    const asked = Array.from({ length: many }, (_, n) => sql`SELECT ${n}::int AS n, repeat('x', ${n}::int) AS text`);
    show(`pipeline of ${many}`, (await Promise.all(asked)).map(shown));
  }
  const mixed = await Promise.allSettled([
    sql`SELECT 1 AS one`, sql`SELECT 1 / ${0}::int`, sql.unsafe('SELECT 2 AS two'), sql`SELECT no_such`, sql`SELECT 3 AS three`,
    sql.unsafe('SELECT 4; SELECT 1/0; SELECT 5'), sql`SELECT ${6}::int AS six`,
  ]);
  show('some fail', mixed.map((one) => (one.value ? [].concat(one.value) : shownError(one.reason))));
}

async function cursors(sql) {
  const pages = [];
  await sql`SELECT n FROM generate_series(1, 100) AS n`.cursor(33, (rows) => { pages.push(rows.length); });
  show('cursor', pages);
  for await (const rows of sql`SELECT generate_series(1, 100000) AS n`.cursor(10)) {
    if (rows[0].n > 20) break;
  }
  const each = [];
  await sql`SELECT n FROM generate_series(1, 5) AS n`.forEach((row) => each.push(row.n));
  show('each', each, shown(await sql`SELECT 1 AS after_it`));
  await fails('a cursor that fails', () =>
    sql`SELECT 10 / (5 - n) FROM generate_series(1, 9) AS n`.cursor(2, (rows) => show('rows', rows.length)));
}

async function copies(sql) {
  const pieces = [];
  for await (const piece of await sql`COPY (SELECT id, name FROM customers ORDER BY id) TO STDOUT`.readable()) pieces.push(piece);
  show('copied out', Buffer.concat(pieces).toString());
  if (READS_ONLY) return;
  const lines = Array.from({ length: 3000 }, (_, n) => `${n}\tlabel ${n}\t${n}.25\n`);
  await pipeline(Readable.from(lines), await sql`COPY scratch FROM STDIN`.writable());
  show('copied in', shown(await sql`SELECT count(*), sum(id), sum(amount) FROM scratch`));
}

async function transactions(sql) {
  show('committed', await sql.begin(async (own) => {
    await own`INSERT INTO scratch ${own([{ id: 1, label: 'one' }, { id: 2, label: 'two' }])}`;
    await fails('undone', () => own.savepoint(async (inner) => {
      await inner`UPDATE scratch SET label = 'three'`;
      await inner`SELECT 1 / 0`;
    }));
    return [...await own`UPDATE scratch SET amount = 5 WHERE id IN ${own([1, 2])} AND label IN ('one', 'two') RETURNING id, label, amount`];
  }));
  await fails('rolled back', () => sql.begin('ISOLATION LEVEL SERIALIZABLE', async (own) => {
    await own`DELETE FROM scratch`;
    throw new Error('not this time');
  }));
  show('deleted', shown(await sql`DELETE FROM scratch`).count);
  show('warned', shown(await sql`SELECT warn_and_add(${1}, ${2})`));
}

async function errors(sql) {
  const texts = ['SELECT 1/0', 'SELECT no_such FROM customers', 'SELEC', "INSERT INTO customers VALUES (1, 'x')"];
  for (const text of READS_ONLY ? texts.slice(0, 2) : texts) {
    await fails(text, () => sql.unsafe(text));
    await fails(`${text} prepared`, () => sql.unsafe(text, [], { prepare: true }));
  }
  show('still good', shown(await sql`SELECT name FROM customers WHERE id = ${3}`));
}

async function notifications(sql) {
  const heard = [];
  const { unlisten } = await sql.listen('bell', (payload) => heard.push(payload));
  for (const n of [1, 2, 3]) await sql.notify('bell', `rung ${n}`);
  await eventually('three notifications', () => heard.length === 3);
  show('heard', heard);
  await unlisten();
}

async function cancelled(sql) {
  const sleeping = sql`SELECT pg_sleep(60)`.execute();
  const watcher = connected();
  await eventually('it sleeps', async () =>
    (await watcher`SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = current_user`).length === 1);
  sleeping.cancel();
  await fails('cancelled', () => sleeping);
  await watcher.end();
}

/** What the driver makes of a logical replication stream. */
async function changes(sql) {
  const seen = [];
  const of = ({ command, relation, key, old }) => [command, relation.schema, relation.table, key, old];
  const { unsubscribe } = await sql.subscribe('*', (row, info) => seen.push([row, ...of(info)]), () => show('subscribed'));
  await sql`INSERT INTO scratch VALUES (1, 'one', 1.5), (2, NULL, NULL)`;
  await sql`UPDATE scratch SET label = 'two' WHERE id = 2`;
  await sql`DELETE FROM scratch`;
  await eventually('five changes', () => seen.length === 5);
  show('changes', seen);
  await unsubscribe();
}

async function main() {
  const sql = connected({ publications: 'everything' });
  for (const part of [values, pipelines, cursors, copies, errors]) await part(sql);
  if (!READS_ONLY) for (const part of [transactions, notifications, cancelled, changes]) await part(sql);
  await sql.end();
  const unprepared = connected({ prepare: false, fetch_types: false, connection: { search_path: 'public', statement_timeout: 5000 } });
  await pipelines(unprepared);
  show('settings', shown(await unprepared`SELECT current_setting('search_path'), current_setting('statement_timeout')`));
  await unprepared.end();
  await fails('no such database', async () => {
    const nowhere = connected({ database: 'nowhere' });
    await nowhere`SELECT 1`;
  });
  const many = connected({ max: 5 });
  show('parallel', (await Promise.all(Array.from({ length: 60 }, (_, n) => many`SELECT ${n}::int * 3 AS n`))).map((rows) => rows[0].n));
  await many.end();
}

run(main);
