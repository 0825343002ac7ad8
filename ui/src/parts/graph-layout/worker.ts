// Who works out where everything of a picture stands, beside the page? One worker for all pictures: the program has
// dagre once.

import type { GraphRequest } from "./ask";
import { placed } from "./labelled";
import { laidOut } from "./shelves";

self.onmessage = ({ data }: MessageEvent<GraphRequest>) => self.postMessage(data.kind === "labelled" ? placed(data) : laidOut(data));
