// What does the person change of a saved query, and what has somebody else changed meanwhile?

import { useQueryClient } from "@tanstack/react-query";
import { changeSavedQuery, savedQueryQuery, type Parameter, type SavedQuery, type SavedQueryDraft } from "~/api/saved-queries";
import { tagsOf } from "~/parts/run/tags";
import { useKept } from "~/parts/use-kept";
import { toast } from "~/ui/toast";

export interface Fields {
  title: string;
  description: string;
  sql: string;
  /** Words with commas between. */
  tags: string;
  visibility: "private" | "workspace";
  connection: string;
  parameters: readonly Parameter[];
  /** How its result is drawn; empty for no chart. */
  chart: string;
}

export const fieldsOf = (query: SavedQuery): Fields => ({
  title: query.title,
  description: query.description,
  sql: query.sql,
  tags: query.tags.join(", "),
  visibility: query.visibility === "workspace" ? "workspace" : "private",
  connection: query.connection ?? "",
  parameters: query.parameters,
  chart: query.chart,
});

/** As the API takes them. */
export const draftOf = (fields: Fields): SavedQueryDraft => ({ ...fields, tags: tagsOf(fields.tags), connection: fields.connection || undefined, parameters: [...fields.parameters] });

const onlyFields = ({ title, description, sql, tags, visibility, connection, parameters, chart }: Fields): Fields => ({ title, description, sql, tags, visibility, connection, parameters, chart });

const saidOf = (parameters: readonly Parameter[]): string[] =>
  parameters.map((one, index) => `parameter ${index + 1}: ${one.name}, ${one.type}${one.default === null || one.default === undefined ? ", required" : `, default ${one.default}`}${one.description ? `, ${one.description}` : ""}`);

const chartLine = (chart: string): string[] => (chart === "" ? [] : [`chart: ${chart}`]);

/** All of it as one text, to be compared line by line. */
export function asText(fields: Fields): string {
  return [`title: ${fields.title}`, `description: ${fields.description}`, `tags: ${tagsOf(fields.tags).join(", ")}`, `seen by: ${fields.visibility === "private" ? "its owner" : "the workspace"}`, ...saidOf(fields.parameters), ...chartLine(fields.chart), "", fields.sql].join("\n");
}

/** What a version holds: tags and who sees it are not among it. */
export function versionText({ title, description, sql, parameters, chart }: Pick<SavedQuery, "title" | "description" | "sql" | "parameters" | "chart">): string {
  return [`title: ${title}`, `description: ${description}`, ...saidOf(parameters), ...chartLine(chart), "", sql].join("\n");
}

const same = (left: Fields, right: Fields): boolean => JSON.stringify(draftOf(onlyFields(left))) === JSON.stringify(draftOf(onlyFields(right)));

/** Each save is a version of its own. */
export function useQueryDraft(workspace: string, server: { data: SavedQuery; etag: string }) {
  const client = useQueryClient();
  const id = server.data.id;
  const kept = useKept<Fields>({ name: `query.${id}`, server: { fields: fieldsOf(server.data), etag: server.etag }, only: onlyFields, same, queryKey: savedQueryQuery(workspace, id).queryKey });
  const { mine, isDirty, theirs, saving, type: set, takeTheirs, undo } = kept;
  const save = async (etag: string): Promise<void> => {
    const saved = await kept.save((sent) => changeSavedQuery(workspace, id, etag, draftOf(sent)));
    if (saved !== undefined) {
      toast({ title: `Saved as version ${saved.data.version}`, tone: "ok" });
      void client.invalidateQueries({ queryKey: ["saved-queries", workspace] });
    }
  };
  return { mine, isDirty, theirs, saving, set, save: () => save(mine.etag), keepMine: () => save(server.etag), takeTheirs, undo };
}

export type QueryDraftState = ReturnType<typeof useQueryDraft>;
