// Which name in paths fits a name that people gave?

const SLUG_MAX = 63;

/** Small letters, digits and single hyphens between; accents are left out. */
export const slugOf = (name: string): string =>
  name
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, SLUG_MAX)
    .replace(/-$/, "");
