// Which answers does node-postgres get? Prints everything a program could see, in order.
'use strict';

const { Client } = require('pg');

const show = (title, ...values) => console.log([title, ...values.map((v) => JSON.stringify(v))].join(' | '));

const shownFields = (result) =>
  result.fields.map((f) => [f.name, f.tableID, f.columnID, f.dataTypeID, f.dataTypeSize, f.dataTypeModifier, f.format]);

function shown(result) {
  return [].concat(result).map((one) => ({
    command: one.command, oid: one.oid, count: one.rowCount, fields: shownFields(one), rows: one.rows,
  }));
}

async function fails(title, act) {
  try {
    show(`${title} returned`, shown(await act()));
  } catch (error) {
    show(title, { ...error, message: error.message });
  }
}

async function connected(use, settings) {
  const client = new Client({ ssl: false, ...settings });
  const statuses = [];
  client.connection.on('parameterStatus', (m) => statuses.push([m.parameterName, m.parameterValue]));
  await client.connect();
  client.on('notice', (notice) => show('notice', { ...notice, message: notice.message }));
  show('statuses', statuses.sort());
  await use(client);
  await client.end();
}

async function values(client) {
  show('simple', shown(await client.query('SELECT * FROM customers ORDER BY id LIMIT 5')));
  show('extended', shown(await client.query('SELECT * FROM orders WHERE id < $1 ORDER BY id', [6])));
  const many = await client.query({ text: 'SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT WHERE false', rowMode: 'array' });
  show('several', shown(many));
  show('empty', shown(await client.query('')));
  show('nulls', shown(await client.query('SELECT $1::int AS i, $2::text AS t, $3::bytea AS b', [null, '', Buffer.from([0, 255])])));
  show('binary', shown(await client.query({ text: 'SELECT 7::int4 AS n, true AS t', values: [], binary: true })));
}

async function prepared(client) {
  for (let n = 1; n < 12; n += 1) {
    show('named', shown(await client.query({ name: 'by-id', text: 'SELECT name FROM customers WHERE id = $1', values: [n] })));
    show('unnamed', shown(await client.query('SELECT city FROM customers WHERE id = $1', [n])));
  }
  await fails('named and wrong', () => client.query({ name: 'wrong', text: 'SELECT no_such', values: [] }));
  show('still good', shown(await client.query({ name: 'by-id', text: 'SELECT name FROM customers WHERE id = $1', values: [3] })));
}

async function portals(client) {
  // A portal read in pieces: what pg-cursor does, with the driver's own query object.
  const Query = require('pg').Query;
  const rows = await new Promise((resolve, reject) => {
    const query = new Query({ text: 'SELECT n FROM generate_series(1, 500) AS n', rows: 60, rowMode: 'array' });
    const seen = [];
    query.on('row', (row) => seen.push(row[0]));
    query.on('end', () => resolve(seen));
    query.on('error', reject);
    client.query(query);
  });
  show('portal', rows.length, rows[0], rows[rows.length - 1]);
}

async function errors(client) {
  const statements = ['SELECT 1/0', 'SELECT no_such FROM customers', 'SELEC', "INSERT INTO customers VALUES (1, 'x')"];
  for (const statement of statements) {
    await fails(statement, () => client.query(statement));
    await fails(`${statement} extended`, () => client.query({ text: statement, values: [], queryMode: 'extended' }));
  }
  await fails('too few', () => client.query('SELECT $1::int, $2::int', [1]));
  await client.query('BEGIN');
  await fails('in a transaction', () => client.query('SELECT 1/0'));
  await fails('after it', () => client.query('SELECT 1'));
  show('rollback', shown(await client.query('ROLLBACK')));
  show('warned', shown(await client.query('SELECT warn_and_add($1, $2)', [1, 2])));
}

async function parallel() {
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, number) => {
      const client = new Client({ ssl: false });
      await client.connect();
      const queued = await Promise.all(
        Array.from({ length: 25 }, (__, n) => client.query('SELECT $1::int * $2::int AS product', [number, n])),
      );
      await client.end();
      return queued.map((result) => result.rows[0].product);
    }),
  );
  show('parallel', answers);
}

async function main() {
  await connected(async (client) => {
    await values(client);
    await prepared(client);
    await portals(client);
    await errors(client);
  });
  await connected(
    async (client) => show('startup parameters', shown(await client.query('SHOW ALL')).length, shown(await client.query('SHOW search_path'))),
    { options: '-c search_path="a\\ b"', application_name: 'a name', statement_timeout: 5000 },
  );
  await fails('no such database', async () => {
    const client = new Client({ ssl: false, database: 'nowhere' });
    await client.connect();
  });
  await parallel();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
