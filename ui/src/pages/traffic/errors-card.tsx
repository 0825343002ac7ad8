// Which errors do clients get, and which statements cause them?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { errorsQuery, type ErrorItem, type TrafficFilter } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { rangeSearch } from "~/parts/range-search";
import { SqlLine } from "~/parts/sql-text";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { compact, count } from "~/ui/format";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { conditionOf } from "./sqlstates";

const SHOWN_MAX = 10;
const STATEMENTS_MAX = 3;

export function ErrorsCard({ range, filter, isAskedFor }: { range: Range; filter: TrafficFilter; isAskedFor: boolean }) {
  const { slug } = useWorkspace();
  const errors = useQuery(errorsQuery(slug, range, filter));
  const place = useRef<HTMLDivElement>(null);
  const hasArrived = errors.data !== undefined;
  useEffect(() => {
    if (isAskedFor && hasArrived) {
      place.current?.scrollIntoView({ block: "center" });
    }
  }, [isAskedFor, hasArrived]);
  const items = errors.data?.items ?? [];
  return (
    <div ref={place} className="min-w-0">
      <Card flush title="Errors by SQLSTATE" note={range.label}>
        {errors.isPending && <SkeletonRows rows={4} />}
        {errors.error !== null && errors.data === undefined && (
          <div className="p-4">
            <ErrorNote error={errors.error} />
          </div>
        )}
        {hasArrived && items.length === 0 && <p className="px-4 py-5 text-[13px] text-ink-soft">No statement failed in this time. What a server answers with an error is counted here by its SQLSTATE, with the statements concerned.</p>}
        <ul aria-label="Errors by SQLSTATE">
          {items.slice(0, SHOWN_MAX).map((item) => (
            <Row key={item.sqlstate} item={item} range={range} />
          ))}
        </ul>
        {(errors.data?.others ?? 0) > 0 && <p className="border-t border-line px-4 py-2 text-xs text-ink-faint">{count(errors.data?.others ?? 0, "error")} more, of SQLSTATEs that are not told apart.</p>}
      </Card>
    </div>
  );
}

function Row({ item, range }: { item: ErrorItem; range: Range }) {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const said = rangeSearch(range);
  const condition = conditionOf(item.sqlstate);
  const code = <Badge tone="danger">{item.sqlstate}</Badge>;
  return (
    <li className="border-t border-line px-4 py-2.5 first:border-t-0">
      <div className="flex items-center gap-2 text-[13px]">
        {mayLedger ? (
          <Link to={withSearch(paths.audit(slug), { ...said, sqlstate: item.sqlstate })} title="Its records in Audit" className="hover:underline">
            {code}
          </Link>
        ) : (
          code
        )}
        <span className="min-w-0 flex-1 truncate text-ink-soft">{condition}</span>
        <span className="font-semibold tabular-nums">{compact(item.count)}</span>
      </div>
      <ul className="mt-1 flex flex-col">
        {item.fingerprints.slice(0, STATEMENTS_MAX).map((one) => (
          <li key={one.fingerprint ?? ""} className="flex items-center gap-3">
            {one.fingerprint ? (
              <Link to={withSearch(paths.query(slug, one.fingerprint), said)} className="min-w-0 flex-1 truncate py-1 hover:underline">
                {one.text ? <SqlLine text={one.text} /> : <code className="font-mono text-xs text-ink-faint">{one.fingerprint}</code>}
              </Link>
            ) : (
              <span className="min-w-0 flex-1 py-1 text-xs text-ink-faint">statements without a fingerprint</span>
            )}
            <span className="text-xs text-ink-faint tabular-nums">{compact(one.count)}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}
