// Which dialects is SQL laid out in? Only these of the package come with the console.

export { formatDialect, mysql, postgresql, sqlite } from "sql-formatter";
