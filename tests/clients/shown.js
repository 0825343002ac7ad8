// How do the scripts of Node.js print what a driver gave them?
'use strict';

const encoded = (value) =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one));

/** One line: a title and values, bytes and dates as JSON has them. */
const show = (title, ...values) => console.log([title, ...values.map(encoded)].join(' | '));

/** Every field of an error that comes from the server, and the message. */
const shownError = (error) => {
  const { stack, query, ...fields } = { ...error, message: error.message };
  return fields;
};

/** Runs what should fail, and shows how. */
async function fails(title, act) {
  try {
    show(`${title} returned`, await act());
  } catch (error) {
    show(title, shownError(error));
  }
}

/** Looks again and again until `look` finds something; ten seconds at most. */
async function eventually(what, look) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs a script's steps, and ends with 1 when one fails. */
const run = (main) => {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
};

module.exports = { show, shownError, fails, eventually, run };
