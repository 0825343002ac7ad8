// A real provider of OpenID Connect for the tests: `oidc-provider`, which is certified, with its own pages to
// sign in. Anybody can, as whoever they say. Prints its port.
//
//   node provider.mjs NODE_MODULES CALLBACK CLIENT_SECRET [GROUPS]
//
// GROUPS is a file of JSON that says who is in which groups; it is read at each sign-in.
import http from "node:http";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, callback, secret, groups] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));

const server = http.createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "dragoman", client_secret: secret, redirect_uris: [callback] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: id, groups: groups && JSON.parse(readFileSync(groups, "utf8"))[id] }),
  }),
});
server.on("request", provider.callback());
console.log(server.address().port);
// Ends with whoever started it.
process.stdin.resume().on("end", () => process.exit(0));
