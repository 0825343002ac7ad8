// Does a session that becomes another user's, and goes back into a pool, still only read? Prints what each user of it
// could do.
'use strict';

const mysql = require('mysql2/promise');

async function main() {
  const pool = mysql.createPool({
    host: '127.0.0.1',
    port: Number(process.env.MYSQL_PORT),
    user: 'app',
    password: process.env.MYSQL_PASSWORD,
    database: 'shop',
    connectionLimit: 1,
    connectTimeout: 15000,
  });
  for (const user of ['bob', 'app', 'bob']) {
    const connection = await pool.getConnection();
    // COM_CHANGE_USER.
    await connection.changeUser({ user, password: process.env.MYSQL_PASSWORD, database: 'shop' });
    const [rows] = await connection.query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AS name, @@tx_read_only AS bound");
    console.log(rows[0].name, rows[0].bound);
    for (const act of ['query', 'execute']) {
      try {
        await connection[act]("INSERT INTO scratch (label) VALUES ('pooled')");
        console.log('written');
      } catch (error) {
        console.log(error.errno, error.sqlState);
      }
    }
    connection.release();
  }
  await pool.end();
}

main().catch((error) => console.log('error', error.errno, error.sqlState, error.message));
