// What is this page for, and how is it used? The guide beside the page, and all the others.

import { useRouterState } from "@tanstack/react-router";
import { BookOpenText, Keyboard } from "lucide-react";
import { Fragment, useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Keys } from "~/ui/keys";
import { Note } from "~/ui/states";
import { guideText } from "./guides";
import { blocks, textOf, type Block, type Inline } from "./markdown";
import { guideOf } from "./pages";

const INDEX = "README";

export function HelpPanel({ guide, onClose }: { guide: string | undefined; onClose: () => void }) {
  const page = useRouterState({ select: (state) => guideOf(state.matches.at(-1)?.fullPath) });
  const [chosen, setChosen] = useState<string>();
  const [asked, setAsked] = useState(guide);
  // Asked for another one from the palette while it is open.
  if (asked !== guide) {
    setAsked(guide);
    setChosen(undefined);
  }
  const name = chosen ?? guide ?? page;
  const found = blocks(guideText(name) ?? "");
  const [first, ...rest] = found;
  const title = first?.kind === "heading" ? textOf(first.inline) : "Help";
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    body.current?.parentElement?.scrollTo({ top: 0 });
  }, [name]);
  return (
    <Dialog open side onClose={onClose} title={title} description={name === page ? "The guide of this page." : undefined}>
      <div ref={body} className="flex flex-col gap-3 text-[13px] leading-5 text-ink">
        <div className="flex flex-wrap gap-2">
          {name !== INDEX && (
            <Button size="small" icon={<BookOpenText className="size-3.5" aria-hidden="true" />} onClick={() => setChosen(INDEX)}>
              All guides
            </Button>
          )}
          {name !== page && (
            <Button size="small" onClick={() => setChosen(page)}>
              This page
            </Button>
          )}
          <span className="ml-auto inline-flex items-center gap-1.5 text-xs text-ink-faint">
            <Keyboard className="size-3.5" aria-hidden="true" /> <span className="sr-only">F1 opens this panel, question mark the keys</span> <Keys keys="F1" /> <Keys keys="?" />
          </span>
        </div>
        {found.length === 0 && <Note tone="warn">There is no guide of this name in this build.</Note>}
        {rest.map((block, at) => (
          <Shown key={at} block={block} onGuide={setChosen} />
        ))}
      </div>
    </Dialog>
  );
}

function Shown({ block, onGuide }: { block: Block; onGuide: (name: string) => void }) {
  const line = (parts: readonly Inline[]) => <Line parts={parts} onGuide={onGuide} />;
  switch (block.kind) {
    case "heading":
      return block.level <= 2 ? <h3 className="mt-2 text-sm font-semibold">{line(block.inline)}</h3> : <h4 className="mt-1 text-[13px] font-semibold">{line(block.inline)}</h4>;
    case "paragraph":
      return <p>{line(block.inline)}</p>;
    case "code":
      return <pre className="scroll-thin overflow-x-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5" tabIndex={0}>{block.text}</pre>;
    case "list": {
      const items = block.items.map((item, at) => <li key={at}>{line(item)}</li>);
      return block.ordered ? <ol className="flex list-decimal flex-col gap-1.5 pl-5">{items}</ol> : <ul className="flex list-disc flex-col gap-1.5 pl-5">{items}</ul>;
    }
    case "table":
      return <Table head={block.head} rows={block.rows} line={line} />;
  }
}

function Table({ head, rows, line }: { head: Inline[][]; rows: Inline[][][]; line: (parts: readonly Inline[]) => ReactNode }) {
  return (
    <div className="scroll-thin overflow-x-auto" tabIndex={0} role="group" aria-label="Table">
      <table className="w-full border-collapse text-left">
        {head.length > 0 && (
          <thead>
            <tr>
              {head.map((cell, at) => (
                <th key={at} scope="col" className="border-b border-line-strong py-1.5 pr-3 text-xs font-semibold text-ink-faint">
                  {line(cell)}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, at) => (
            <tr key={at} className="align-top">
              {row.map((cell, column) => (
                <td key={column} className="border-b border-line py-1.5 pr-3">
                  {line(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ parts, onGuide }: { parts: readonly Inline[]; onGuide: (name: string) => void }) {
  return parts.map((part, at) => {
    switch (part.kind) {
      case "text":
        return <Fragment key={at}>{part.text}</Fragment>;
      case "strong":
        return <strong key={at} className="font-semibold">{part.text}</strong>;
      case "emphasis":
        return <em key={at}>{part.text}</em>;
      case "code":
        return <code key={at} className="rounded bg-subtle px-1 font-mono text-xs break-words">{part.text}</code>;
      case "link":
        return <GuideLink key={at} text={part.text} href={part.href} onGuide={onGuide} />;
    }
  });
}

/** Another guide opens here; other documents lie beside the program's sources, and are named. */
function GuideLink({ text, href, onGuide }: { text: string; href: string; onGuide: (name: string) => void }) {
  const name = /^([\w-]+)\.md(?:#.*)?$/.exec(href)?.[1];
  if (name !== undefined && guideText(name) !== undefined) {
    return (
      <button type="button" className="text-brand-text underline underline-offset-2" onClick={() => onGuide(name)}>
        {text}
      </button>
    );
  }
  return <span title={`docs/${href.replace(/^(?:\.\.\/)+/, "")}`} className="underline decoration-dotted underline-offset-2">{text}</span>;
}
