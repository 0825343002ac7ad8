// In which environment is one, and how can it not be mistaken?

import { createContext, useContext } from "react";
import { classes } from "~/ui/classes";

export type EnvironmentName = "production" | "staging" | "development" | "";

export const EnvironmentContext = createContext<EnvironmentName>("");

export const useEnvironment = (): EnvironmentName => useContext(EnvironmentContext);

export function environmentName(word: string | null | undefined): EnvironmentName {
  return word === "production" || word === "staging" || word === "development" ? word : "";
}

const PREFIXES: Record<EnvironmentName, string> = { production: "[PROD] ", staging: "[staging] ", development: "", "": "" };

/** What the title of the browser's tab begins with. */
export const useTitlePrefix = (): string => PREFIXES[useEnvironment()];

/** What a button says after what it does: "Run read-only on production". */
export const onEnvironment = (environment: EnvironmentName): string => (environment === "" ? "" : ` on ${environment}`);

const LOOKS: Record<EnvironmentName, string> = {
  production: "bg-danger-solid text-danger-ink",
  staging: "bg-warn-soft text-warn",
  development: "bg-subtle text-ink-soft",
  "": "bg-subtle text-ink-faint",
};

/** The word, on the colour that only it has. */
export function EnvironmentPill({ environment, className }: { environment: EnvironmentName; className?: string }) {
  if (environment === "") {
    return null;
  }
  return <span className={classes("inline-flex h-5 items-center rounded-full px-2 text-2xs font-semibold tracking-wide uppercase", LOOKS[environment], className)}>{environment}</span>;
}
