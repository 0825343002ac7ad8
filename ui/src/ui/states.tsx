// What stands where something is not there: still coming, nothing yet, filtered away, not allowed, failed?

import { Copy, LockKeyhole, RotateCw, SearchX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { explain } from "~/api/problem";
import { Button } from "./button";
import { classes } from "./classes";
import { copyText } from "./copy";

/** A place that fills: shaped like what comes, and unseen for the first 100 ms. */
export function Skeleton({ className }: { className?: string }) {
  return <div className={classes("animate-shimmer rounded bg-hover", className)} aria-hidden="true" />;
}

/** Rows that are still coming. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-3">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className="h-6" />
      ))}
    </div>
  );
}

function Frame({ icon, title, children, actions, tone = "text-ink-faint" }: { icon: ReactNode; title: ReactNode; children?: ReactNode; actions?: ReactNode; tone?: string }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <span className={classes("mb-1 flex size-10 items-center justify-center rounded-full bg-subtle", tone)} aria-hidden="true">
        {icon}
      </span>
      <h2 className="text-sm font-semibold text-ink">{title}</h2>
      {children && <div className="max-w-md text-[13px] text-ink-soft">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** Nothing yet: teaches what will be here and how it gets there. */
export function FirstTime({ icon, title, children, actions }: { icon: ReactNode; title: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  return (
    <Frame icon={icon} title={title} actions={actions} tone="text-brand">
      {children}
    </Frame>
  );
}

/** Something is there, but nothing of it passes the filters. */
export function NothingFound({ what, onClear }: { what: string; onClear?: () => void }) {
  return (
    <Frame icon={<SearchX className="size-5" />} title={`No ${what} match`} actions={onClear && <Button onClick={onClear}>Clear filters</Button>}>
      The filters and the time range leave nothing over.
    </Frame>
  );
}

/** The person may not see it, and who can change that. */
export function NotAllowed({ what, capability }: { what: string; capability: string }) {
  return (
    <Frame icon={<LockKeyhole className="size-5" />} title={`You may not see ${what}`}>
      It needs the capability <code className="font-mono text-xs">{capability}</code>. An admin or owner of this workspace can give it to you under Members.
    </Frame>
  );
}

/** It could not be got: what happened, what to do, what to tell whoever runs Dragoman. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, detail, hint, code, requestId } = explain(error);
  return (
    <div role="alert">
      <Frame icon={<TriangleAlert className="size-5" />} title={title} tone="text-danger" actions={onRetry && <Button icon={<RotateCw className="size-3.5" />} onClick={onRetry}>Try again</Button>}>
        {detail && <p>{detail}</p>}
        {hint && <p>{hint}</p>}
        <Reference code={code} requestId={requestId} />
      </Frame>
    </div>
  );
}

function Reference({ code, requestId }: { code?: string; requestId?: string }) {
  if (!code && !requestId) {
    return null;
  }
  return (
    <p className="mt-2 flex items-center justify-center gap-2 font-mono text-2xs text-ink-faint">
      {code && <span>{code}</span>}
      {requestId && (
        <button type="button" className="inline-flex items-center gap-1 underline decoration-dotted" onClick={() => void copyText(requestId, "Request id copied")}>
          <Copy className="size-3" aria-hidden="true" /> request {requestId}
        </button>
      )}
    </p>
  );
}

/** The same in a form or beside a button, small. */
export function ErrorNote({ error }: { error: unknown }) {
  const { title, detail, hint, code, requestId } = explain(error);
  return (
    <div role="alert" className="rounded-md border border-danger/40 bg-danger-soft px-3 py-2 text-[13px] text-ink">
      <p className="font-medium text-danger">{title}</p>
      {detail && <p className="mt-0.5">{detail}</p>}
      {hint && <p className="mt-0.5 text-ink-soft">{hint}</p>}
      <div className="[&_p]:justify-start">
        <Reference code={code} requestId={requestId} />
      </div>
    </div>
  );
}

type Tone = "neutral" | "warn" | "danger" | "info" | "ok";
const TONES: Record<Tone, string> = {
  neutral: "bg-subtle text-ink-soft",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  info: "bg-info-soft text-info",
  ok: "bg-ok-soft text-ok",
};

/** A line that has to be known to read the rest rightly. */
export function Note({ tone = "neutral", icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes("flex items-start gap-2 rounded-md px-3 py-2 text-[13px]", TONES[tone])}>
      {icon}
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
