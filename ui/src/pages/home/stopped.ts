// Which records of Audit are what Home counts as refusals?

/** A statement that was held did not run either: it counts as a refused one does. */
export const STOPPED = "statement.refused,statement.held";
