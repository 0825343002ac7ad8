// How does a test wait for what comes by itself?

const PAUSE_MS = 100;

/** Asks again until there is an answer, and says what was waited for when there is none in time. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, patienceMs = 30_000): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`it did not come about in ${patienceMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
