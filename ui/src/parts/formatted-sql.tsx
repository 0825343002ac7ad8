// How does one statement look when it is laid out to be read?

import { useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { SqlBlock } from "./sql-text";

/** Beyond this it is shown as it came: laying out takes longer than reading helps. */
const FORMATTED_MAX = 20_000;

async function laidOut(text: string, protocol: string): Promise<string> {
  if (text.length > FORMATTED_MAX) {
    return text;
  }
  try {
    const { formatDialect, mysql, postgresql } = await import("~/parts/sql-dialects");
    return formatDialect(text, { dialect: protocol === "mysql" ? mysql : postgresql, keywordCase: "preserve", tabWidth: 2, paramTypes: { positional: true, numbered: ["$"] } });
  } catch {
    // Cut, or in words that the formatter does not know: as it came.
    return text;
  }
}

/** A statement over several lines; as it came until it is laid out, and where it cannot be. */
export function FormattedSql({ text, protocol = "postgres", isCut = false, className }: { text: string; protocol?: string; isCut?: boolean; className?: string }) {
  const { data } = useQuery({ queryKey: ["formatted-sql", protocol, text], queryFn: () => laidOut(text, protocol), staleTime: Infinity, gcTime: 60_000 });
  return (
    <div className="relative">
      <SqlBlock text={data ?? text} className={className ?? "max-h-80 whitespace-pre-wrap [overflow-wrap:anywhere]"} />
      <div className="mt-1.5 flex items-center gap-3 text-xs text-ink-faint">
        <Button size="small" variant="quiet" className="-ml-2" icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(text, "Statement copied")}>
          Copy statement
        </Button>
        {isCut && <span>Only its beginning is kept.</span>}
      </div>
    </div>
  );
}
