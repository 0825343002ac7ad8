// Which text does one work on, and how is another one opened?

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { savedQueryQuery } from "~/api/saved-queries";
import { useQuery } from "@tanstack/react-query";
import { usePageSearch } from "~/parts/search";
import { remember, remembered } from "~/ui/remembered";
import { toast } from "~/ui/toast";
import { closedOf, isOpen, OPEN_MAX, openOf, titleOf, type Sheet } from "./sheets";
import { SheetStore } from "./sheet-store";

const NONE: string | null = null;

export interface Sheets {
  store: SheetStore;
  open: readonly Sheet[];
  closed: readonly Sheet[];
  current: Sheet;
  /** Whether the browser keeps what is typed. */
  isKept: boolean;
  /** The URL names a tab that is not on this device. */
  isElsewhere: boolean;
  /** Why the saved query of the URL could not be opened. */
  error: unknown;
  choose: (id: string) => void;
  /** Opens a text beside the others; where nothing is typed yet it takes that place. */
  bring: (text: string, query?: string, name?: string) => void;
  fresh: () => void;
  close: (sheet: Sheet) => void;
  reopen: (id?: string) => void;
  step: (by: number) => void;
}

export function useSheets(workspace: string): Sheets {
  const [search, setSearch] = usePageSearch();
  const [store] = useState(() => new SheetStore(workspace));
  useEffect(() => store.listen(), [store]);
  const sheets = useSyncExternalStore(store.subscribe, () => store.sheets);
  const open = openOf(sheets);
  const wanted = search["sheet"];
  const linked = sheets.find((one) => one.id === wanted);
  const last = remembered<string | null>(`sql.${workspace}.last`, NONE);
  const [first] = open;
  const current = (linked && isOpen(linked) ? linked : undefined) ?? open.find((one) => one.id === last) ?? first ?? EMPTY;
  useEffect(() => {
    remember(`sql.${workspace}.last`, current.id);
  }, [workspace, current.id]);
  useEffect(() => {
    // Who arrives by the link of a closed one wants it open; who closes it has just not left its address yet.
    const arrived = store.find(wanted);
    if (arrived !== undefined && !isOpen(arrived)) {
      store.reopen(arrived.id);
    }
  }, [store, wanted]);
  useEffect(() => {
    const own = store.ownOf(current.id);
    if (own !== undefined) {
      setSearch({ sheet: own }, "replace");
      toast({ title: "Another window changed this text as well.", detail: "Yours goes on in a tab of its own." });
    }
  }, [store, sheets, current.id, setSearch]);

  const choose = (id: string) => setSearch({ sheet: id, tab: undefined, view: undefined, chart: undefined });
  const bring = (text: string, query?: string, name = "") => {
    const into = current.text.trim() === "" && current.name === "" ? current : undefined;
    if (into !== undefined) {
      store.change(into.id, { text, query, name });
      setSearch({ sheet: into.id, sql: undefined, query: undefined, tab: undefined, view: undefined, chart: undefined }, "replace");
      return;
    }
    const sheet = store.open(text, query, name) ?? full();
    setSearch({ sheet: sheet?.id ?? current.id, sql: undefined, query: undefined, tab: undefined, view: undefined, chart: undefined }, "replace");
  };
  const error = useOrigin(workspace, { open, bring, choose });
  return {
    store,
    open,
    closed: closedOf(sheets),
    current,
    isKept: store.isKept,
    isElsewhere: wanted !== undefined && linked === undefined,
    error,
    choose,
    bring,
    fresh: () => {
      const sheet = store.open("") ?? full();
      if (sheet) {
        choose(sheet.id);
      }
    },
    close: (sheet) => {
      const next = store.close(sheet.id);
      if (sheet.id === current.id && next) {
        setSearch({ sheet: next.id, tab: undefined, view: undefined, chart: undefined }, "replace");
      }
      if (sheet.text.trim() !== "") {
        toast({ title: `Closed “${titleOf(sheet)}”`, action: { label: "Bring it back", run: () => (store.reopen(sheet.id), choose(sheet.id)) } });
      }
    },
    reopen: (id) => {
      const sheet = store.reopen(id);
      if (sheet) {
        choose(sheet.id);
      }
    },
    step: (by) => {
      const next = open[(open.findIndex((one) => one.id === current.id) + by + open.length) % open.length];
      if (next) {
        choose(next.id);
      }
    },
  };
}

const EMPTY: Sheet = { id: "", name: "", text: "", query: undefined, place: 0, closedAt: 0 };

function full(): undefined {
  toast({ title: `${OPEN_MAX} tabs are open: close one first.` });
}

/** `?sql=` brings a text, `?query=` a saved query: the tab it is open in, or another one. */
function useOrigin(workspace: string, { open, bring, choose }: Pick<Sheets, "open" | "bring" | "choose">): unknown {
  const [search, setSearch] = usePageSearch();
  const { sql, query } = search;
  const saved = useQuery({ ...savedQueryQuery(workspace, query ?? ""), enabled: query !== undefined && sql === undefined });
  const data = saved.data?.data;
  const taken = useRef<string>(undefined);
  const latest = useRef({ open, bring, choose, setSearch });
  useEffect(() => {
    latest.current = { open, bring, choose, setSearch };
  });
  useEffect(() => {
    const now = latest.current;
    const key = sql === undefined ? query && `query ${query}` : `sql ${sql}`;
    if (key === undefined || key === "") {
      taken.current = undefined;
    } else if (taken.current !== key && sql !== undefined) {
      taken.current = key;
      now.bring(sql);
    } else if (taken.current !== key && data !== undefined && data.id === query) {
      taken.current = key;
      const there = now.open.find((one) => one.query === query);
      if (there) {
        now.setSearch({ sheet: there.id, query: undefined, tab: undefined, view: undefined, chart: undefined }, "replace");
      } else {
        now.bring(data.sql, query, data.title);
      }
    }
  }, [sql, query, data]);
  return query === undefined ? undefined : (saved.error ?? undefined);
}
