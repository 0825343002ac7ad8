// Who refused a statement that no rule refused?

/** In a few words, by what the client was given: PostgreSQL's code, or that of MySQL where it has one for this alone. */
export function refuser(sqlstate: string | undefined): string {
  switch (sqlstate) {
    case "58030":
    case "HY000":
      return "the ledger, which could not record it";
    case "25006":
      return "the session, which reads only";
    default:
      return "the listener's default";
  }
}
