// Where in a JSON value is a part?

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The path of a part as PostgreSQL's jsonpath and MySQL's JSON functions read it: `$.items[0]."first name"`. */
export function childPath(path: string, name: string, isList: boolean): string {
  if (isList) {
    return `${path}[${name}]`;
  }
  return NAME.test(name) ? `${path}.${name}` : `${path}.${JSON.stringify(name)}`;
}
