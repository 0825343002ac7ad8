// How does a page ask where everything stands?

import type { LabelledAnswer, LabelledRequest } from "./labelled";
import type { LayoutAnswer, LayoutRequest } from "./shelves";

export type GraphRequest = (LabelledRequest & { kind: "labelled" }) | (LayoutRequest & { kind: "shelves" });

function asked<Answer>(request: GraphRequest, answered: (answer: Answer) => void): () => void {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => answered(data);
  worker.postMessage(request);
  return () => worker.terminate();
}

/** Edges whose labels have room; answers what ends the work. */
export const askLabelled = (request: LabelledRequest, answered: (answer: LabelledAnswer) => void): (() => void) => asked({ ...request, kind: "labelled" }, answered);

/** Parts that hang together, put on shelves; answers what ends the work. */
export const askShelves = (request: LayoutRequest, answered: (answer: LayoutAnswer) => void): (() => void) => asked({ ...request, kind: "shelves" }, answered);
