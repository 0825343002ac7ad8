// What is said of sessions differently for PostgreSQL and for MySQL?

const isMysql = (protocol: string): boolean => protocol === "mysql";

/** What comes of giving up a statement. */
export function afterCancel(protocol: string, isInTransaction: boolean): string {
  if (isMysql(protocol)) {
    return `the server gives up the statement and the client gets error 1317, SQLSTATE 70100. The session stays open${isInTransaction ? ", and so does its transaction: only the statement is undone." : "."}`;
  }
  return `the server gives up the statement and the client gets an error, SQLSTATE 57014. The session stays open${isInTransaction ? "; its transaction has then failed and can only be rolled back." : "."}`;
}

/** What a client is told whose session is ended. */
export const afterTermination = (protocol: string): string =>
  isMysql(protocol) ? "the client loses its connection, or gets error 1053 between two statements." : "the client gets FATAL, SQLSTATE 57P01, “terminating connection due to administrator command”.";

/** What ends a process at the server itself. */
export const endAtServer = (protocol: string, process: number): string => (isMysql(protocol) ? `KILL ${process};` : `SELECT pg_terminate_backend(${process});`);
