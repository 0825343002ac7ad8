// Whose session is it, for a client with a certificate, after it has tried to become others? Prints who it is each time.
'use strict';

const fs = require('node:fs');
const mysql = require('mysql2/promise');

async function main() {
  const connection = await mysql.createConnection({
    host: '127.0.0.1',
    port: Number(process.env.MYSQL_PORT),
    user: 'nobody',
    password: '',
    connectTimeout: 15000,
    ssl: {
      rejectUnauthorized: false,
      cert: fs.readFileSync(process.env.CLIENT_CERTIFICATE),
      key: fs.readFileSync(process.env.CLIENT_KEY),
    },
  });
  for (const [user, password] of [['ann', ''], ['nobody', ''], ['app', process.env.MYSQL_PASSWORD]]) {
    try {
      await connection.changeUser({ user, password });
    } catch (error) {
      console.log('refused', user, error.errno, error.message);
    }
    const [rows] = await connection.query('SELECT USER() AS name');
    console.log('in', rows[0].name);
  }
  await connection.end();
}

main().catch((error) => console.log('error', error.errno, error.sqlState, error.message));
