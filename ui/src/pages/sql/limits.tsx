// How much may come back, and how long may it take?

import { BareSelect } from "~/ui/choice";
import { useRemembered } from "~/ui/remembered";

export interface Limits {
  rows: "1000" | "10000" | "100000";
  seconds: "30" | "60" | "300";
}

const AT_FIRST: Limits = { rows: "1000", seconds: "30" };
/** A wide result of many rows would not fit into the API's usual 16 MiB. */
const BYTES_OF_MANY = 134_217_728;

export const useLimits = (): [Limits, (limits: Limits) => void] => useRemembered<Limits>("sql.limits", AT_FIRST);

/** As the API takes them. */
export const asked = (limits: Limits) => ({ rows_max: Number(limits.rows), timeout_seconds: Number(limits.seconds), bytes_max: limits.rows === "1000" ? undefined : BYTES_OF_MANY });

export function LimitsFields({ limits, onChange }: { limits: Limits; onChange: (limits: Limits) => void }) {
  return (
    <div className="flex items-center gap-2">
      <BareSelect
        label="Most rows"
        value={limits.rows}
        onChange={(rows) => onChange({ ...limits, rows })}
        choices={[
          { value: "1000", label: "1,000 rows" },
          { value: "10000", label: "10,000 rows" },
          { value: "100000", label: "100,000 rows" },
        ]}
      />
      <BareSelect
        label="Longest time"
        value={limits.seconds}
        onChange={(seconds) => onChange({ ...limits, seconds })}
        choices={[
          { value: "30", label: "30 s" },
          { value: "60", label: "60 s" },
          { value: "300", label: "5 min" },
        ]}
      />
    </div>
  );
}
