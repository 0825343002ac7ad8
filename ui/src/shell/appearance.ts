// Light, dark or as the system is; roomy or dense?

import { useEffect } from "react";
import { useRemembered } from "~/ui/remembered";

export interface Appearance {
  theme: "light" | "dark" | "system";
  density: "comfortable" | "compact";
}

const FIRST: Appearance = { theme: "system", density: "comfortable" };

/** What the person chose; the same key that `theme.js` reads before the first paint. */
export const useAppearance = () => useRemembered<Appearance>("appearance", FIRST);

/** Puts the choice on the document, also when the system changes its own. */
export function useAppliedAppearance(): void {
  const [appearance] = useAppearance();
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const dark = appearance.theme === "dark" || (appearance.theme === "system" && system.matches);
      document.documentElement.dataset["theme"] = dark ? "dark" : "light";
      document.documentElement.dataset["density"] = appearance.density;
      window.dispatchEvent(new Event("appearance"));
    };
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [appearance]);
}
