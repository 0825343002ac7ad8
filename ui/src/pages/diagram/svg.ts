// How does the picture become a file that any program draws? Written from the layout, without the page.

import { count } from "~/ui/format";
import { CLUSTER_HEAD, CLUSTER_PAD, HEAD_HEIGHT, NAME_HEIGHT, NAME_WIDTH, ROW_HEIGHT, type ClusterNode, type DrawnLine, type Drawing, type TableNode } from "./drawing";
import { qualified } from "./graph";
import type { Place } from "~/parts/graph-layout/shelves";
import { labelWidth, routeOf } from "./line";

/** What a colour of the console is just now: the file knows no variables. */
export type Colour = (variable: string) => string;

export interface Drawn {
  text: string;
  width: number;
  height: number;
}

const MARGIN = 24;
const SANS = "ui-sans-serif, system-ui, 'Segoe UI', Arial, sans-serif";
const MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
/** About as wide as letters of that size are. */
const MONO_EM = 0.61;

/** Names come from databases: what XML does not allow is left out, what it reads as its own is escaped. */
export const escaped = (text: string): string =>
  text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const cut = (text: string, width: number, size: number): string => {
  const most = Math.max(1, Math.floor(width / (size * MONO_EM)));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

interface Words {
  x: number;
  y: number;
  size: number;
  fill: string;
  face?: string;
  anchor?: "start" | "middle" | "end";
  bold?: boolean;
}

const words = (text: string, { x, y, size, fill, face = MONO, anchor = "start", bold = false }: Words): string =>
  `<text x="${x}" y="${y}" font-family="${face}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ""}>${escaped(text)}</text>`;

export function svgOf({ nodes, lines }: Drawing, places: Readonly<Record<string, Place>>, colour: Colour, title: string): Drawn {
  const boxes = new Map(nodes.flatMap((node) => {
    const place = places[node.id];
    return place === undefined ? [] : [[node.id, { ...place, width: node.width, height: node.height }] as const];
  }));
  const all = [...boxes.values()];
  const left = Math.min(0, ...all.map(({ x }) => x)) - MARGIN;
  const top = Math.min(0, ...all.map(({ y }) => y)) - MARGIN;
  // Lines that turn around the right edge need room, too.
  const width = Math.ceil(Math.max(1, ...all.map((box) => box.x + box.width)) + MARGIN * 3 - left);
  const height = Math.ceil(Math.max(1, ...all.map((box) => box.y + box.height)) + MARGIN - top);
  const drawnLines = lines.map((line) => lineOf(line, boxes, colour)).join("");
  const drawnNodes = nodes.map((node) => {
    const place = places[node.id];
    return place === undefined ? "" : `<g transform="translate(${place.x} ${place.y})">${node.kind === "table" ? tableOf(node, colour) : clusterOf(node, colour)}</g>`;
  });
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}"><title>${escaped(title)}</title><rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${colour("--surface")}"/>${drawnLines}${drawnNodes.join("")}</svg>`;
  return { text, width, height };
}

type Boxes = ReadonlyMap<string, { x: number; y: number; width: number; height: number }>;

const STROKE: Record<DrawnLine["look"], string> = { declared: "--ink-faint", seen: "--series-2", bridge: "--line-strong" };

function lineOf(line: DrawnLine, boxes: Boxes, colour: Colour): string {
  const [from, to] = [boxes.get(line.from), boxes.get(line.to)];
  if (from === undefined || to === undefined) {
    return "";
  }
  const { path, ends, middle } = routeOf(from, to, line);
  const stroke = colour(STROKE[line.look]);
  const wide = labelWidth(line.label);
  const label = line.label === "" ? "" : `<rect x="${middle.x - wide / 2}" y="${middle.y - 9}" width="${wide}" height="18" rx="4" fill="${colour("--surface")}"/>${words(line.label, { x: middle.x, y: middle.y + 4, size: 11, fill: line.look === "seen" ? stroke : colour("--ink-soft"), face: SANS, anchor: "middle" })}`;
  return `<g><title>${escaped(line.title)}</title><path d="${path}" fill="none" stroke="${stroke}" stroke-width="1.5"${line.look === "seen" ? ' stroke-dasharray="6 4"' : ""}/>${ends ? `<path d="${ends}" fill="none" stroke="${stroke}" stroke-width="1.4"/>` : ""}${label}</g>`;
}

function tableOf(node: TableNode, colour: Colour): string {
  const { table, width, height, rows, more } = node;
  const head = `<rect width="${width}" height="${height}" rx="6" fill="${colour("--surface")}" stroke="${colour("--line-strong")}"/><path d="M 0 ${HEAD_HEIGHT} V 6 Q 0 0 6 0 H ${width - 6} Q ${width} 0 ${width} 6 V ${HEAD_HEIGHT} Z" fill="${colour(node.isCentre ? "--brand-soft" : "--subtle")}" stroke="${colour("--line-strong")}"/>`;
  const name = words(cut(qualified(table), width - 20, 12), { x: 10, y: 21, size: 12, fill: colour("--ink"), bold: true });
  const columns = rows.map((row, index) => {
    const y = HEAD_HEIGHT + index * ROW_HEIGHT + 14;
    const mark = row.is_primary ? words("PK", { x: 10, y, size: 8, fill: colour("--warn"), face: SANS, bold: true }) : row.is_foreign ? words("FK", { x: 10, y, size: 8, fill: colour("--ink-faint"), face: SANS, bold: true }) : "";
    return `${mark}${words(cut(row.name, width * 0.5, 11), { x: 27, y, size: 11, fill: colour("--ink") })}${words(cut(row.type, width * 0.32, 10), { x: width - 10, y, size: 10, fill: colour("--ink-faint"), anchor: "end" })}`;
  });
  const rest = more > 0 ? words(`+ ${count(more, "column")}`, { x: 27, y: HEAD_HEIGHT + rows.length * ROW_HEIGHT + 16, size: 10, fill: colour("--ink-faint"), face: SANS }) : "";
  return `${head}${name}${columns.join("")}${rest}`;
}

function clusterOf(node: ClusterNode, colour: Colour): string {
  const { width, height, names, columns, more } = node;
  const frame = `<rect width="${width}" height="${height}" rx="8" fill="${colour("--surface")}" stroke="${colour("--line-strong")}"/>`;
  const head = `${words(cut(node.name, width - 110, 13), { x: CLUSTER_PAD, y: 25, size: 13, fill: colour("--ink"), bold: true })}${words(count(node.tables, "table"), { x: width - CLUSTER_PAD, y: 25, size: 11, fill: colour("--ink-soft"), face: SANS, anchor: "end" })}`;
  const drawn = names.map(({ name }, index) => words(cut(name, NAME_WIDTH - 8, 11), { x: CLUSTER_PAD + (index % columns) * NAME_WIDTH, y: CLUSTER_HEAD + Math.floor(index / columns) * NAME_HEIGHT + 14, size: 11, fill: colour("--ink-soft") }));
  const rest = more > 0 ? words(`+ ${count(more, "table")}`, { x: CLUSTER_PAD, y: height - CLUSTER_PAD, size: 11, fill: colour("--ink-faint"), face: SANS }) : "";
  return `${frame}${head}${drawn.join("")}${rest}`;
}

/** Browsers draw no larger pictures than that. */
const PIXELS_MAX = 8_192;

/** The same as pixels, twice as fine where that is not too large. */
export async function pngOf({ text, width, height }: Drawn): Promise<Blob> {
  const scale = Math.min(2, PIXELS_MAX / width, PIXELS_MAX / height);
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
    const brush = canvas.getContext("2d");
    brush?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error("The browser could not make a picture of this size.")) : resolve(blob)), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}
