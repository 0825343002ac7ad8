// Which answers does mysql2 get? Prints everything a program could see, in order.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const mysql = require('mysql2/promise');

const show = (title, ...values) => console.log([title, ...values.map((value) => JSON.stringify(value))].join(' | '));

const options = {
  host: '127.0.0.1',
  port: Number(process.env.MYSQL_PORT),
  user: 'app',
  password: process.env.MYSQL_PASSWORD,
  database: 'shop',
  multipleStatements: true,
  dateStrings: true,
  connectTimeout: 15000,
  compress: process.env.MYSQL_COMPRESS === 'yes',
  infileStreamFactory: (file) => fs.createReadStream(file),
};

async function fails(title, act) {
  try {
    show(`${title} returned`, await act());
  } catch (error) {
    show(title, error.code, error.errno, error.sqlState, error.sqlMessage);
  }
}

const fields = (list) => (list || []).map((field) => field && (Array.isArray(field) ? fields(field) : [field.name, field.columnType, field.flags, field.characterSet]));

async function main() {
  const connection = await mysql.createConnection(options);
  show('server', connection.connection.serverEncoding, connection.connection.authorized);
  for (const text of [
    'SELECT * FROM customers WHERE id < 8 ORDER BY id',
    "SELECT 1 AS a; INSERT INTO scratch (label) VALUES ('x'), ('y'); SELECT 2 AS b, NULL",
    'CALL three_results()',
    "UPDATE customers SET name = CONCAT(name, '') WHERE id < 50",
    'SELECT seq FROM seq_1_to_2000',
    'DO 1',
  ]) {
    const [rows, columns] = await connection.query(text);
    show(text, rows, fields(columns));
  }
  for (const [text, values] of [
    ['SELECT id, name, city, born FROM customers WHERE id = ?', [3]],
    ['SELECT id, name, city, born FROM customers WHERE id = ?', [4]],
    ['SELECT ?, ?, ?, ?', [1, 'naïve ✓', null, Buffer.from([0, 255])]],
    ['INSERT INTO scratch (label, amount) VALUES (?, ?)', ['prepared', 1.5]],
    ['CALL doubled(?, @result)', [4]],
    ['SELECT LENGTH(?)', ['z'.repeat(17_000_000)]],
  ]) {
    const [rows, columns] = await connection.execute(text, values);
    show(text, rows, fields(columns));
  }
  // Closes and prepares again.
  connection.unprepare('SELECT ?, ?, ?, ?');
  show('unprepared', (await connection.execute('SELECT ?, ?, ?, ?', [1, 2, 3, 4]))[0]);
  for (const text of ['SELEC', 'SELECT no_such', 'CALL fails()', 'SELECT 1; SELECT no_such; SELECT 3']) {
    await fails(text, () => connection.query(text));
  }
  await fails('prepare', () => connection.execute('SELECT no_such FROM customers WHERE id = ?', [1]));
  await connection.beginTransaction();
  show('begun', (await connection.query('SELECT COUNT(*) AS n FROM customers'))[0]);
  await connection.rollback();
  const file = path.join(os.tmpdir(), `dragoman-${process.pid}.csv`);
  fs.writeFileSync(file, Array.from({ length: 20000 }, (_, n) => `${n + 1},label ${n}\n`).join(''));
  await connection.query('TRUNCATE scratch');
  const load = `LOAD DATA LOCAL INFILE '${file}' INTO TABLE scratch FIELDS TERMINATED BY ',' (id, label)`;
  show('loaded', (await connection.query(load))[0].affectedRows);
  fs.unlinkSync(file);
  show('sum', (await connection.query('SELECT COUNT(*) AS n, MAX(label) AS last FROM scratch'))[0]);
  // Queued at once: the driver sends each when the one before was answered.
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => connection.query('SELECT ? * 2 AS n', [n])));
  show('queued', answers.map(([rows]) => rows[0].n));
  await connection.changeUser({ user: 'bob', password: process.env.MYSQL_PASSWORD, database: 'other' });
  show('changed', (await connection.query('SELECT CURRENT_USER() AS u, DATABASE() AS d'))[0]);
  await connection.ping();
  await connection.query('TRUNCATE shop.scratch');
  await connection.end();
  await fails('wrong password', () => mysql.createConnection({ ...options, password: 'wrong' }));
}

main().catch((error) => { console.error(error); process.exit(1); });
