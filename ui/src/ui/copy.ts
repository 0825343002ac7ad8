// How does something get into the clipboard?

import { toast } from "./toast";

/** Copies and says so; also where the browser gives pages without HTTPS no clipboard. */
export async function copyText(text: string, said = "Copied"): Promise<void> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
    } else {
      fallback(text);
    }
    toast({ title: said });
  } catch {
    toast({ title: "The browser did not allow copying.", tone: "danger" });
  }
}

function fallback(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
