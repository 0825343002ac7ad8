// Which tags does a line of words say?

/** Words with commas between; each once, whatever the case of its letters. */
export function tagsOf(text: string): string[] {
  const seen = new Map<string, string>();
  for (const word of text.split(",").map((one) => one.trim())) {
    if (word !== "" && !seen.has(word.toLowerCase())) {
      seen.set(word.toLowerCase(), word);
    }
  }
  return [...seen.values()];
}
