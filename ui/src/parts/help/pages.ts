// Which guide belongs to which page? Named as in src/routes.tsx and docs/guide; a test holds both.

export const GUIDES: Record<string, string> = {
  "/sign-in": "sign-in",
  "/register": "sign-in",
  "/setup": "sign-in",
  "/forgotten-password": "sign-in",
  "/reset-password": "sign-in",
  "/invitation": "sign-in",
  "/confirm-email": "sign-in",
  "/profile": "profile",
  "/tokens": "tokens",
  "/instance": "instance",
  "/": "home",
  "/welcome": "sign-in",
  "/sql": "sql",
  "/saved-queries": "saved-queries",
  "/saved-queries/$query": "saved-queries",
  "/tables": "tables",
  "/tables/$connection/$key": "tables",
  "/traffic": "traffic",
  "/queries": "queries",
  "/queries/$fingerprint": "query",
  "/sessions": "sessions",
  "/connections": "connections",
  "/connections/new": "connections",
  "/connections/$connection": "connections",
  "/fleet": "fleet",
  "/diagram": "diagram",
  "/schema-history": "schema-history",
  "/schema-import": "schema-import",
  "/access-report": "access-report",
  "/privacy": "privacy",
  "/rule-sets": "rule-sets",
  "/rule-sets/$ruleSet": "rule-sets",
  "/audit": "audit",
  "/audit/$record": "audit",
  "/activity": "activity",
  "/members": "members",
  "/settings": "settings",
  "/notifications": "notifications",
};

const INSIDE = "/w/$workspace";

/** A route as src/routes.tsx names it, of the whole path that the router knows it by. */
export function routeOf(fullPath: string | undefined): string {
  const path = (fullPath ?? "").startsWith(INSIDE) ? (fullPath ?? "").slice(INSIDE.length) : (fullPath ?? "");
  return path === "" ? "/" : path.length > 1 ? path.replace(/\/$/, "") : path;
}

export const guideOf = (fullPath: string | undefined): string => GUIDES[routeOf(fullPath)] ?? "README";
