// Can mysql2 log in? Prints what a query returns, or the error.
'use strict';

const mysql = require('mysql2/promise');

async function main() {
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port: Number(process.env.MYSQL_PORT),
    user: 'app',
    password: process.env.MYSQL_PASSWORD,
    connectTimeout: 15000,
    compress: process.env.MYSQL_COMPRESS === 'yes',
    ssl: process.env.MYSQL_TLS === 'yes' ? { rejectUnauthorized: false } : undefined,
  });
  const [rows] = await connection.query('SELECT 7 AS a');
  console.log('in', JSON.stringify(rows));
  await connection.end();
}

main().catch((error) => console.log('error', error.errno, error.sqlState, error.message));
