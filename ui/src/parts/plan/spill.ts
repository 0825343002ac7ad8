// Did a node of PostgreSQL need more memory than it may have (work_mem), so that it wrote to the disk?

import { bytes, count } from "~/ui/format";
import type { PlanBuffers, PlanWarning } from "./plan";
import { numberOf, type Json } from "./reading";

const KIBIBYTE = 1_024;
const PAGE = 8 * KIBIBYTE;
const ADVICE = "more work_mem, or fewer rows, would keep it in memory";

/** A spill is told by the sort, the hash or the aggregate it happens in, and by pages written for any other node. */
export function spillWarnings(source: Json, buffers: PlanBuffers | undefined): PlanWarning[] {
  const space = (key: string) => (numberOf(source[key]) ?? 0) * KIBIBYTE;
  if (source["Sort Space Type"] === "Disk") {
    return [{ kind: "spill", text: `Sorted ${bytes(space("Sort Space Used"))} on the disk: ${ADVICE}.` }];
  }
  const batches = numberOf(source["Hash Batches"]) ?? numberOf(source["HashAgg Batches"]) ?? 1;
  if (batches > 1) {
    return [{ kind: "spill", text: `Hashed in ${count(batches, "batch", "batches")} by way of the disk: ${ADVICE}.` }];
  }
  const written = (buffers?.tempWritten ?? 0) * PAGE;
  return written > 0 ? [{ kind: "spill", text: `Wrote ${bytes(written)} to temporary files: ${ADVICE}.` }] : [];
}
