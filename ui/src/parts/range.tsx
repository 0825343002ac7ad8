// Which time is looked at? A range up to now, or two moments; always in the URL.

import { CalendarClock } from "lucide-react";
import { useMemo, useState, type FormEvent } from "react";
import { Button } from "~/ui/button";
import { TextField } from "~/ui/field";
import { moment } from "~/ui/format";
import { Popover } from "~/ui/popover";
import { Segments } from "~/ui/choice";
import { usePageSearch, type Search } from "./search";

const MINUTE = 60_000;
export const RANGES = { "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": 60 * MINUTE, "6h": 360 * MINUTE, "24h": 1_440 * MINUTE, "7d": 10_080 * MINUTE, "30d": 43_200 * MINUTE } as const;
export type RangeName = keyof typeof RANGES;
const NAMES = Object.keys(RANGES) as RangeName[];
/** Five minutes are for what is drawn by the second. */
const USUAL = NAMES.filter((name) => name !== "5m");

export interface Range {
  /** RFC 3339, to the minute: the same range is the same question, which the cache knows. */
  from: string;
  until: string;
  milliseconds: number;
  /** Whether it ends now and goes on. */
  isMoving: boolean;
  label: string;
}

const isRange = (name: string | undefined): name is RangeName => NAMES.some((one) => one === name);
const minute = (at: number, up = false): string => new Date((up ? Math.ceil(at / MINUTE) : Math.floor(at / MINUTE)) * MINUTE).toISOString();

/** The range that a query string says; `otherwise` when it says none. */
export function rangeOf(search: Search, otherwise: RangeName, now = Date.now()): Range {
  const from = Date.parse(search["from"] ?? "");
  const until = Date.parse(search["until"] ?? "");
  if (Number.isFinite(from) && Number.isFinite(until) && from < until) {
    return { from: new Date(from).toISOString(), until: new Date(until).toISOString(), milliseconds: until - from, isMoving: false, label: `${moment(from)} to ${moment(until)}` };
  }
  const name = isRange(search["range"]) ? search["range"] : otherwise;
  return { from: minute(now - RANGES[name]), until: minute(now, true), milliseconds: RANGES[name], isMoving: true, label: `last ${name}` };
}

/** The range of the page, and it moves on each `beat` (a number that changes, say each minute). */
export function useRange(otherwise: RangeName = "1h", beat = 0): Range {
  const [search] = usePageSearch();
  const { range, from, until } = search;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the beat is what moves it on
  return useMemo(() => rangeOf({ range, from, until }, otherwise), [range, from, until, otherwise, beat]);
}

/** Chooses the range; `ranges` are those that make sense on the page. */
export function RangePicker({ otherwise = "1h", ranges = USUAL }: { otherwise?: RangeName; ranges?: readonly RangeName[] }) {
  const [search, set] = usePageSearch();
  const exact = search["from"] !== undefined && search["until"] !== undefined;
  const current = exact ? "" : isRange(search["range"]) ? search["range"] : otherwise;
  // A link may bring one along that the page does not offer by itself.
  const offered = NAMES.filter((name) => ranges.includes(name) || name === current);
  return (
    <div className="flex items-center gap-1">
      <Segments label="Time range" value={current as RangeName} onChange={(range) => set({ range: range === otherwise ? undefined : range, from: undefined, until: undefined })} choices={offered.map((name) => ({ value: name, label: name }))} />
      <Exact from={search["from"]} until={search["until"]} active={exact} onSet={(from, until) => set({ from, until, range: undefined })} />
    </div>
  );
}

const local = (at: string | undefined): string => {
  const time = at === undefined ? new Date() : new Date(at);
  return Number.isNaN(time.getTime()) ? "" : new Date(time.getTime() - time.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
};

function Exact({ from, until, active, onSet }: { from?: string; until?: string; active: boolean; onSet: (from: string, until: string) => void }) {
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const begin = new Date(String(said.get("from")));
    const end = new Date(String(said.get("until")));
    if (!(begin < end)) {
      setError("The end has to come after the beginning.");
      return;
    }
    setError(undefined);
    setOpen(false);
    onSet(begin.toISOString(), end.toISOString());
  };
  return (
    <Popover
      label="Exact times"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="small" variant={active ? "secondary" : "quiet"} aria-label="Exact times" title={active ? `${moment(from ?? "")} to ${moment(until ?? "")}` : "Exact times"}>
          <CalendarClock className="size-3.5" aria-hidden="true" />
        </Button>
      }
    >
      <form onSubmit={submit} className="flex w-64 flex-col gap-3">
        <TextField label="From" name="from" type="datetime-local" defaultValue={local(from ?? new Date(Date.now() - RANGES["1h"]).toISOString())} required />
        <TextField label="Until" name="until" type="datetime-local" defaultValue={local(until)} error={error} required />
        <Button type="submit" variant="primary">
          Show this time
        </Button>
      </form>
    </Popover>
  );
}
