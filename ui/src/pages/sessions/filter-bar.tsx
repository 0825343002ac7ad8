// Which live sessions does one want to see?

import type { LiveSession } from "~/api/live-sessions";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { BareSelect, Switch } from "~/ui/choice";
import { choicesOf } from "./live-filters";
import { stateWord } from "./live-rows";

/** Radix keeps the empty text for itself. */
const ANY = "*";

interface ValueFilterProps {
  name: string;
  label: string;
  any: string;
  values: readonly string[];
  show?: (value: string) => string;
}

function ValueFilter({ name, label, any, values, show = (value) => value }: ValueFilterProps) {
  const [search, set] = usePageSearch();
  return (
    <BareSelect
      label={label}
      value={search[name] ?? ANY}
      onChange={(value) => set({ [name]: value === ANY ? undefined : value })}
      choices={[{ value: ANY, label: any }, ...values.map((value) => ({ value, label: show(value) }))]}
      className="max-w-48"
    />
  );
}

export function LiveFilterBar({ sessions }: { sessions: readonly LiveSession[] }) {
  const [search, set] = usePageSearch();
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <FilterInput main name="words" label="Filter sessions" placeholder="User, application, statement, address" className="w-72 max-sm:w-full" />
      <ValueFilter name="listener" label="Listener" any="All listeners" values={choicesOf(sessions, (one) => one.listener, search["listener"])} />
      <ValueFilter name="user" label="User" any="All users" values={choicesOf(sessions, (one) => one.caller.user, search["user"])} />
      <ValueFilter name="application" label="Application" any="All applications" values={choicesOf(sessions, (one) => one.caller.application, search["application"])} />
      <ValueFilter name="state" label="State" any="All states" values={choicesOf(sessions, (one) => one.state, search["state"])} show={stateWord} />
      <Switch label="Only blocked" checked={search["blocked"] === "yes"} onChange={(only) => set({ blocked: only ? "yes" : undefined })} />
    </div>
  );
}
