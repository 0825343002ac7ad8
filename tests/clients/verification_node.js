// Can node-postgres, which has a SCRAM of its own, log in? Prints who it is, or the error.
'use strict';

const { Client } = require('pg');

async function main() {
  const client = new Client({
    ssl: process.env.CLIENT_TLS === 'yes' ? { rejectUnauthorized: false } : false,
    enableChannelBinding: process.env.CLIENT_BINDING === 'yes',
  });
  await client.connect();
  const { rows } = await client.query('SELECT current_user AS name, 6 * 7 AS number');
  console.log(rows[0].name, rows[0].number);
  await client.end();
}

main().catch((error) => {
  console.log('error', error.code, error.message);
  process.exitCode = 1;
});
