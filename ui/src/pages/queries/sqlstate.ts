// What does an SQLSTATE mean, in a few words? Those that people meet, and else the class it belongs to.

const STATES: Record<string, string> = {
  "22001": "a text is too long for its column",
  "22003": "a number is out of range",
  "22012": "division by zero",
  "22P02": "a value has the wrong form for its type",
  "23502": "a column that must have a value got none",
  "23503": "a row that is referred to is missing, or still needed",
  "23505": "a value is there already that must be unique",
  "23514": "a check of the table does not hold",
  "25006": "a change in a transaction that only reads",
  "25P02": "the transaction had failed before",
  "28P01": "wrong password",
  "40001": "transactions got into each other's way; try again",
  "40P01": "a deadlock; try again",
  "42501": "the role may not do that",
  "42601": "the statement is not well formed",
  "42703": "there is no such column",
  "42883": "there is no such function",
  "42P01": "there is no such table",
  "42S02": "there is no such table",
  "42S22": "there is no such column",
  "53300": "the server has too many connections",
  "55P03": "a lock could not be got in time",
  "57014": "cancelled, or over the time it may take",
  "57P01": "the connection was ended by an administrator",
};

const CLASSES: Record<string, string> = {
  "08": "the connection broke",
  "22": "a value cannot be used",
  "23": "a constraint does not hold",
  "25": "not in this state of the transaction",
  "28": "the login is not accepted",
  "40": "the transaction was rolled back",
  "42": "a name or the syntax is wrong, or the role may not",
  "53": "the server lacks memory, disk or connections",
  "54": "the statement is over a limit of the server",
  "55": "not in the state that is needed",
  "57": "an operator stepped in",
  "58": "the system around the server failed",
  XX: "the server has an internal error",
};

export const meaningOf = (sqlstate: string): string | undefined => STATES[sqlstate] ?? CLASSES[sqlstate.slice(0, 2)];
