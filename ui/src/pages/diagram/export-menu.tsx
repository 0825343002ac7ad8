// How does one take the picture along?

import { Download } from "lucide-react";
import { save } from "~/parts/save";
import { Button } from "~/ui/button";
import { Menu, MenuItem } from "~/ui/menu";
import { toast } from "~/ui/toast";
import type { Drawing } from "./drawing";
import type { Place } from "~/parts/graph-layout/shelves";
import { pngOf, svgOf } from "./svg";

/** The colours of the theme one looks at. */
function colours(): (variable: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (variable) => style.getPropertyValue(variable).trim() || "#888888";
}

/** A name that every system takes for a file. */
const fileName = (title: string, ending: string): string => `${title.replaceAll(/[^\p{L}\p{N}_.-]+/gu, "-").replaceAll(/^-+|-+$/g, "").slice(0, 80) || "diagram"}.${ending}`;

export function ExportMenu({ title, drawing, places }: { title: string; drawing: Drawing; places: Readonly<Record<string, Place>> }) {
  const drawn = () => svgOf(drawing, places, colours(), title);
  const asPng = async () => {
    try {
      save(await pngOf(drawn()), fileName(title, "png"), "image/png");
    } catch (error) {
      toast({ title: "The picture could not be made.", detail: `${error instanceof Error ? error.message : String(error)} Export SVG instead: it has no size.`, tone: "danger" });
    }
  };
  return (
    <Menu
      trigger={
        <Button icon={<Download className="size-3.5" aria-hidden="true" />} disabled={drawing.nodes.length === 0}>
          Export
        </Button>
      }
    >
      <MenuItem onSelect={() => save(drawn().text, fileName(title, "svg"), "image/svg+xml")}>SVG, for documents and to edit</MenuItem>
      <MenuItem onSelect={() => void asPng()}>PNG, for slides and messages</MenuItem>
    </Menu>
  );
}
