// Who works out where tables stand, beside the page?

import { placed, type LayoutRequest } from "./joins-layout";

self.onmessage = (event: MessageEvent<LayoutRequest>) => self.postMessage(placed(event.data));
