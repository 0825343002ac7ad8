// Where are the texts of the SQL page kept, so that a reload, another window or a full browser loses none?

import { placeOf } from "~/ui/remembered";
import { closedOf, givenUp, isOpen, NAME_MAX, nextPlace, OPEN_MAX, openOf, placeBeside, sheetOf, type Sheet } from "./sheets";

const KEPT_AFTER_MS = 250;
/** Letters and digits enough that no two on a device are the same. */
const ID_LENGTH = 8;

const newId = (): string => crypto.randomUUID().replaceAll("-", "").slice(0, ID_LENGTH);

/**
 * The sheets of a workspace on this device. Each has a key of its own in the browser's storage, so windows write past
 * each other; one that two windows change at once becomes two.
 */
export class SheetStore {
  #sheets: readonly Sheet[];
  readonly #listeners = new Set<() => void>();
  /** What of each is known to be in the storage. */
  readonly #kept = new Map<string, string>();
  readonly #unkept = new Set<string>();
  readonly #own = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refused = false;

  constructor(private readonly workspace: string) {
    this.#sheets = [];
    this.#show(this.#readAll());
  }

  get sheets(): readonly Sheet[] {
    return this.#sheets;
  }

  /** Whether the browser takes what is written; it may be full, or keep nothing at all. */
  get isKept(): boolean {
    return !this.#refused;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The sheet that this window's text went on in, where another one changed it at the same time; told once. */
  ownOf(id: string): string | undefined {
    const own = this.#own.get(id);
    this.#own.delete(id);
    return own;
  }

  find(id: string | undefined): Sheet | undefined {
    return this.#sheets.find((one) => one.id === id);
  }

  /** Another one at the end; undefined where there are too many. */
  open(text: string, query?: string, name = ""): Sheet | undefined {
    if (openOf(this.#sheets).length >= OPEN_MAX) {
      return undefined;
    }
    const sheet = { ...this.#fresh(text, query), name: name.slice(0, NAME_MAX) };
    this.#change([...this.#sheets, sheet], sheet.id);
    return sheet;
  }

  change(id: string, change: Partial<Pick<Sheet, "text" | "name" | "query">>): void {
    this.#change(
      this.#sheets.map((one) => (one.id === id ? { ...one, ...change, name: (change.name ?? one.name).slice(0, NAME_MAX) } : one)),
      id,
    );
  }

  /** Moves it to the place with this number from the left. */
  move(id: string, target: number): void {
    const place = placeBeside(this.#sheets, id, target);
    if (place !== undefined) {
      this.#change(
        this.#sheets.map((one) => (one.id === id ? { ...one, place } : one)),
        id,
      );
    }
  }

  /** Its text stays for a while; there is always one open. Answers which is looked at then. */
  close(id: string): Sheet | undefined {
    const open = openOf(this.#sheets);
    const at = open.findIndex((one) => one.id === id);
    const next = open[at + 1] ?? open[at - 1];
    const closedAt = Math.max(Date.now(), (closedOf(this.#sheets)[0]?.closedAt ?? 0) + 1);
    const closed = this.#sheets.map((one) => (one.id === id ? { ...one, closedAt } : one));
    this.#change(closed, id);
    givenUp(this.#sheets).forEach((one) => this.#drop(one.id));
    this.flush();
    return next ?? openOf(this.#sheets)[0];
  }

  /** Opens a closed one again, the last one where none is named. */
  reopen(id?: string): Sheet | undefined {
    const closed = closedOf(this.#sheets);
    const sheet = id === undefined ? closed[0] : closed.find((one) => one.id === id);
    if (sheet === undefined || openOf(this.#sheets).length >= OPEN_MAX) {
      return undefined;
    }
    const opened = { ...sheet, closedAt: 0 };
    this.#change(
      this.#sheets.map((one) => (one.id === sheet.id ? opened : one)),
      sheet.id,
    );
    return opened;
  }

  /** Writes what is not written yet. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One that becomes two while it is written adds to these, and is written too.
    for (const id of this.#unkept) {
      this.#keep(id);
    }
  };

  /** Follows what other windows write, until the answer is called. */
  listen(): () => void {
    const elsewhere = (event: StorageEvent) => {
      const id = event.key === null ? undefined : this.#idOf(event.key);
      if (id !== undefined) {
        this.#take(id, event.newValue);
      }
    };
    const back = () => document.visibilityState === "visible" && this.#catchUp();
    window.addEventListener("storage", elsewhere);
    window.addEventListener("pagehide", this.flush);
    document.addEventListener("visibilitychange", back);
    return () => {
      this.flush();
      window.removeEventListener("storage", elsewhere);
      window.removeEventListener("pagehide", this.flush);
      document.removeEventListener("visibilitychange", back);
    };
  }

  #fresh(text: string, query: string | undefined): Sheet {
    return { id: newId(), name: "", text, query, place: nextPlace(this.#sheets), closedAt: 0 };
  }

  #change(sheets: readonly Sheet[], changed: string): void {
    this.#unkept.add(changed);
    this.#timer ??= setTimeout(this.flush, KEPT_AFTER_MS);
    this.#show(sheets);
  }

  #show(sheets: readonly Sheet[]): void {
    this.#sheets = sheets.some(isOpen) ? sheets : [...sheets, this.#fresh("", undefined)];
    this.#listeners.forEach((listener) => listener());
  }

  #keyOf(id: string): string | undefined {
    return placeOf(`sql.${this.workspace}.tab.${id}`);
  }

  #idOf(key: string): string | undefined {
    const prefix = this.#keyOf("");
    return prefix !== undefined && key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
  }

  #keep(id: string): void {
    const sheet = this.find(id);
    const key = this.#keyOf(id);
    if (sheet === undefined || key === undefined) {
      this.#unkept.delete(id);
      return;
    }
    const there = read(key);
    if (there !== null && there !== this.#kept.get(id)) {
      // Another window has written since: what is here must not cover it.
      this.#take(id, there);
      if (!this.#unkept.has(id)) {
        return;
      }
    }
    this.#unkept.delete(id);
    const text = JSON.stringify({ ...sheet, id: undefined });
    try {
      localStorage.setItem(key, text);
      this.#kept.set(id, text);
      this.#refuse(false);
    } catch {
      this.#refuse(true);
    }
  }

  #refuse(refused: boolean): void {
    if (this.#refused !== refused) {
      this.#refused = refused;
      this.#show([...this.#sheets]);
    }
  }

  /** Takes what another window has written; what is not written here yet goes on as a sheet of its own. */
  #take(id: string, kept: string | null): void {
    const mine = this.find(id);
    if (kept === null) {
      // Another window gave up a closed one; an open one stays, for its text is nowhere else.
      this.#kept.delete(id);
      if (mine !== undefined && !isOpen(mine)) {
        this.#show(this.#sheets.filter((one) => one.id !== id));
      }
      return;
    }
    const theirs = sheetOf(id, kept);
    if (theirs === undefined) {
      return;
    }
    this.#kept.set(id, kept);
    const others = this.#sheets.filter((one) => one.id !== id);
    if (mine === undefined || !this.#unkept.has(id)) {
      this.#show([...others, theirs]);
    } else if (mine.text !== theirs.text) {
      this.#unkept.delete(id);
      const own = { ...mine, id: newId(), place: mine.place + 1e-3 };
      this.#own.set(id, own.id);
      this.#change([...others, theirs, own], own.id);
    }
  }

  #catchUp(): void {
    for (const [id, kept] of storedSheets(this.#keyOf(""))) {
      if (kept !== this.#kept.get(id)) {
        this.#take(id, kept);
      }
    }
  }

  #drop(id: string): void {
    const key = this.#keyOf(id);
    this.#unkept.delete(id);
    this.#kept.delete(id);
    this.#show(this.#sheets.filter((one) => one.id !== id));
    if (key !== undefined) {
      remove(key);
    }
  }

  #readAll(): Sheet[] {
    const found: Sheet[] = [];
    for (const [id, kept] of storedSheets(this.#keyOf(""))) {
      const sheet = sheetOf(id, kept);
      if (sheet !== undefined) {
        this.#kept.set(id, kept);
        found.push(sheet);
      }
    }
    return [...found, ...this.#ofBefore(found)];
  }

  /** The one text there was before there were several. */
  #ofBefore(found: readonly Sheet[]): Sheet[] {
    const key = placeOf(`sql.${this.workspace}`);
    const sheet = key === undefined ? undefined : sheetOf(newId(), read(key) ?? "");
    if (key === undefined || sheet === undefined || sheet.text === "") {
      return [];
    }
    const taken = { ...sheet, place: nextPlace(found), closedAt: 0 };
    const to = this.#keyOf(taken.id) ?? key;
    const text = JSON.stringify({ ...taken, id: undefined });
    try {
      localStorage.setItem(to, text);
      this.#kept.set(taken.id, text);
      remove(key);
    } catch {
      // It stays where it is.
    }
    return [taken];
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remove(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing has nothing to remove.
  }
}

function storedSheets(prefix: string | undefined): [string, string][] {
  if (prefix === undefined) {
    return [];
  }
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "");
    return keys.filter((key) => key.startsWith(prefix)).map((key) => [key.slice(prefix.length), localStorage.getItem(key) ?? ""]);
  } catch {
    return [];
  }
}
