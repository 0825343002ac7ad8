// What do the guides of docs/guide say? Taken in when the console is built: one chunk, fetched when somebody wants help.

const TEXTS = import.meta.glob<string>("../../../../docs/guide/*.md", { query: "?raw", import: "default", eager: true });

const BY_NAME = new Map(Object.entries(TEXTS).map(([file, text]) => [file.replace(/^.*\//, "").replace(/\.md$/, ""), text]));

export const guideNames = (): string[] => [...BY_NAME.keys()].sort();

export const guideText = (name: string): string | undefined => BY_NAME.get(name);
