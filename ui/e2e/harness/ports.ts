// Which ports are free now?

import { createServer } from "node:net";

function isFree(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const chosen = typeof address === "object" ? address?.port : undefined;
      server.close(() => resolve(chosen));
    });
  });
}

/** Some ports that the system says are free. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = await isFree(0);
    if (port !== undefined && !found.includes(port)) {
      found.push(port);
    }
  }
  return found;
}

/** The first of six free ports in a row. Two runs at once begin to look in different places. */
export async function sixPorts(): Promise<number> {
  for (let base = 20_000 + 10 * (process.pid % 1_200); base < 65_000; base += 10) {
    const six = await Promise.all(Array.from({ length: 6 }, (_, place) => isFree(base + place)));
    if (six.every((port) => port !== undefined)) {
      return base;
    }
  }
  throw new Error("there are no six free ports in a row");
}
