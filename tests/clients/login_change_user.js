// Can mysql2 become another user and back within a session? Prints who it is each time, or the error.
'use strict';

const mysql = require('mysql2/promise');

async function main() {
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port: Number(process.env.MYSQL_PORT),
    user: 'app',
    password: process.env.MYSQL_PASSWORD,
    connectTimeout: 15000,
    ssl: process.env.MYSQL_TLS === 'yes' ? { rejectUnauthorized: false } : undefined,
  });
  for (const user of ['bob', 'app', 'bob']) {
    await connection.changeUser({ user, password: process.env.MYSQL_PASSWORD });
    const [rows] = await connection.query('SELECT CURRENT_USER() AS name');
    console.log('in', rows[0].name);
  }
  await connection.end();
}

main().catch((error) => console.log('error', error.errno, error.sqlState, error.message));
