// How is something made through the API before a page is looked at?

export interface Account {
  email: string;
  name: string;
  password: string;
}

/** What a browser keeps of somebody who is signed in. */
export interface StorageState {
  cookies: { name: string; value: string; domain: string; path: string; expires: number; httpOnly: boolean; secure: boolean; sameSite: "Strict" | "Lax" | "None" }[];
  origins: { origin: string; localStorage: { name: string; value: string }[] }[];
}

/** An object of the API's; its fields are looked at one by one. */
export type Json = Record<string, unknown>;

/** A text that has to be there. */
export function textOf(object: Json, field: string): string {
  const value = object[field];
  if (typeof value !== "string") {
    throw new Error(`\`${field}\` is no text in ${JSON.stringify(object).slice(0, 300)}`);
  }
  return value;
}

/** The objects of a list. */
export function itemsOf(object: Json): Json[] {
  const { items } = object;
  if (!Array.isArray(items)) {
    throw new Error(`there are no items in ${JSON.stringify(object).slice(0, 300)}`);
  }
  return items as Json[];
}

/** Somebody who is signed in. */
export class Caller {
  private constructor(
    readonly url: string,
    private readonly cookie: string,
    private readonly csrf: string,
  ) {}

  /** Signs in or takes the set-up link, whichever `path` is. */
  static async enter(url: string, path: string, body: Json): Promise<Caller> {
    const response = await post(url, path, body);
    const said = await answerOf(path, response);
    const cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
    return new Caller(url, cookie, textOf(said, "csrf_token"));
  }

  /** Makes an account; nobody is signed in by that. */
  static async register(url: string, body: Json): Promise<void> {
    await answerOf("registration", await post(url, "/api/v1/registration", body));
  }

  static signIn(url: string, { email, password }: Account): Promise<Caller> {
    return Caller.enter(url, "/api/v1/session", { email, password });
  }

  async ask(method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<Json> {
    const response = await this.send(method, path, body, headers);
    return answerOf(`${method} ${path}`, response);
  }

  get(path: string): Promise<Json> {
    return this.ask("GET", path);
  }

  post(path: string, body: Json): Promise<Json> {
    return this.ask("POST", path, body);
  }

  /** The answer with its version, to change it then. */
  async versioned(path: string): Promise<{ said: Json; etag: string }> {
    const response = await this.send("GET", path);
    return { said: await answerOf(path, response), etag: response.headers.get("etag") ?? "" };
  }

  private send(method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: { cookie: this.cookie, "x-csrf-token": this.csrf, origin: this.url, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** For a browser that is to be signed in as this person. */
  storageState(): StorageState {
    const at = this.cookie.indexOf("=");
    const cookie = { name: this.cookie.slice(0, at), value: this.cookie.slice(at + 1), domain: new URL(this.url).hostname, path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" as const };
    return { cookies: [cookie], origins: [] };
  }
}

function post(url: string, path: string, body: Json): Promise<Response> {
  return fetch(url + path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", origin: url } });
}

async function answerOf(what: string, response: Response): Promise<Json> {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${what} was answered by ${response.status}: ${text.slice(0, 500)}`);
  }
  return text === "" ? {} : (JSON.parse(text) as Json);
}
