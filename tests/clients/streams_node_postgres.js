// Which answers do node-postgres' pool, cursors and streams get? Prints everything a program could see,
// in order, or only what reads.
'use strict';

const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { from: copyFrom, to: copyTo } = require('pg-copy-streams');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { show, shownError, fails, eventually, run } = require('./shown.js');

const READS_ONLY = process.env.CLIENT_MODE === 'reads';

async function cursors(client) {
  const text = 'SELECT n, repeat($1, n) AS text FROM generate_series(1, 100) AS n';
  const cursor = client.query(new Cursor(text, ['x']));
  for (const rows of [7, 1, 50, 1000, 5]) {
    const page = await cursor.read(rows);
    show('page', page.length, page[0], page[page.length - 1]);
  }
  await cursor.close();
  // Closed while the server has rows left.
  const left = client.query(new Cursor('SELECT generate_series(1, 100000) AS n'));
  show('first three', await left.read(3));
  await left.close();
  show('after it', (await client.query('SELECT 1 AS one')).rows);
  const array = client.query(new Cursor('SELECT id, name FROM customers ORDER BY id', [], { rowMode: 'array' }));
  show('arrays', await array.read(2), await array.read(2));
  await array.close();
  const failing = client.query(new Cursor('SELECT 10 / (50 - n) AS n FROM generate_series(1, 60) AS n'));
  show('before the failure', (await failing.read(40)).length);
  await fails('the failure', () => failing.read(40));
  show('after the failure', (await client.query('SELECT 2 AS two')).rows);
  // Two at once: the second waits until the first is closed.
  const [one, two] = [1, 2].map((n) => client.query(new Cursor('SELECT $1::int AS n', [n])));
  show('one', await one.read(10));
  await one.close();
  show('two', await two.read(10));
  await two.close();
}

async function streams(client) {
  for (const settings of [{ batchSize: 33 }, { batchSize: 1, highWaterMark: 2 }, { rowMode: 'array' }]) {
    const stream = client.query(new QueryStream('SELECT id, city, born FROM customers ORDER BY id', [], settings));
    let [count, last] = [0, null];
    for await (const row of stream) [count, last] = [count + 1, row];
    show('stream', settings, count, last);
  }
  // Left in the middle: the portal is closed.
  for await (const row of client.query(new QueryStream('SELECT generate_series(1, 100000) AS n', [], { batchSize: 10 }))) {
    if (row.n === 25) break;
  }
  show('after it', (await client.query('SELECT 3 AS three')).rows);
  const failing = client.query(new QueryStream('SELECT 10 / (5 - n) AS n FROM generate_series(1, 9) AS n'));
  try {
    for await (const row of failing) show('row', row);
  } catch (error) {
    show('stream failed', shownError(error));
  }
}

async function copies(client) {
  const pieces = [];
  const out = client.query(copyTo('COPY (SELECT id, name, note FROM customers ORDER BY id) TO STDOUT'));
  for await (const piece of out) pieces.push(piece);
  show('copied out', Buffer.concat(pieces).toString());
  const binary = [];
  for await (const piece of client.query(copyTo('COPY (SELECT 7::int4, true, \'x\'::text) TO STDOUT (FORMAT binary)'))) {
    binary.push(piece);
  }
  show('binary', Buffer.concat(binary).toString('hex'));
  if (READS_ONLY) return;
  const lines = Array.from({ length: 5000 }, (_, n) => `${n}\tlabel ${n}\t${n}.25\n`);
  await pipeline(Readable.from(lines), client.query(copyFrom('COPY scratch FROM STDIN')));
  show('copied in', (await client.query('SELECT count(*), sum(id), sum(amount) FROM scratch')).rows);
  await fails('wrong data', () =>
    pipeline(Readable.from(['1\tone\t1\n', 'two\ttwo\t2\n']), client.query(copyFrom('COPY scratch FROM STDIN'))));
  // Given up: the driver sends CopyFail.
  await fails('given up', () => {
    const broken = new Readable({ read() { this.destroy(new Error('no more data')); } });
    return pipeline(broken, client.query(copyFrom('COPY scratch FROM STDIN')));
  });
  show('deleted', (await client.query('DELETE FROM scratch')).rowCount);
}

async function pools() {
  const pool = new Pool({ max: 4, ssl: false });
  const sums = Array.from({ length: 60 }, (_, n) => pool.query('SELECT $1::int * 2 AS twice, $2::text AS text', [n, `t${n}`]));
  show('pooled', (await Promise.all(sums)).map((result) => result.rows[0]));
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => pool.query('SELECT 10 / $1::int AS tenth', [n % 3])));
  show('some fail', settled.map((one) => one.value?.rows ?? shownError(one.reason)));
  const client = await pool.connect();
  await client.query('BEGIN');
  show('in a transaction', (await client.query('SELECT now() = statement_timestamp() AS first')).rows.length);
  await client.query('ROLLBACK');
  client.release();
  show('no more sessions than four', pool.totalCount <= 4, pool.waitingCount);
  if (!READS_ONLY) await ended(pool);
  await pool.end();
}

/** A session that somebody ends while it is idle: the pool is told, and makes another. */
async function ended(pool) {
  const told = new Promise((resolve) => pool.once('error', resolve));
  const idle = await pool.connect();
  const { pid } = (await idle.query('SELECT pg_backend_pid() AS pid')).rows[0];
  idle.release();
  const watcher = new Client({ ssl: false });
  await watcher.connect();
  await watcher.query('SELECT pg_terminate_backend($1)', [pid]);
  await watcher.end();
  const { client: _, ...error } = shownError(await told);
  show('ended', error);
  show('and another', (await pool.query('SELECT 5 AS five')).rows);
}

async function notifications(client) {
  const heard = [];
  client.on('notification', ({ channel, payload }) => heard.push([channel, payload]));
  await client.query('LISTEN bell');
  const other = new Client({ ssl: false });
  await other.connect();
  for (const n of [1, 2, 3]) await other.query('SELECT pg_notify($1, $2)', ['bell', `rung ${n}`]);
  await other.end();
  await eventually('three notifications', () => heard.length === 3);
  show('heard', heard);
  await client.query('UNLISTEN *');
}

async function main() {
  const parts = READS_ONLY ? [cursors, streams, copies] : [cursors, streams, copies, notifications];
  for (const part of parts) {
    // Each with a session of its own: what one part broke off must not be in the way of the next.
    const client = new Client({ ssl: false });
    client.on('notice', (notice) => show('notice', { ...notice, message: notice.message }));
    await client.connect();
    await part(client);
    await client.end();
  }
  await pools();
}

run(main);
