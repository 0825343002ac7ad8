// What is typed, tried and saved in the form of a connection, and what became of it?

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { changeConnection, connectionVersionQuery, createConnection, testConnection, testDraft, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import { queryClient } from "~/api/queries";
import { choiceOf, differences, type Choices, type Difference } from "~/parts/changed-meanwhile";
import { changedFields, draftOf, editOf, EMPTY, leadsElsewhere, missing, valuesOf, type Field, type Values } from "./values";
import { FIELDS, problemField, problemName, shown } from "./words";

/** The API's names of what stands in the form. */
const API_FIELDS: Partial<Record<string, Field>> = { "tls.ca_pem": "ca", "tls.mode": "tls", ca_pem: "ca", kind: "engine", apply_policy: "applyPolicy", read_only: "readOnly", "options.refresh_hours": "refreshHours", "options.schemas": "schemas", "options.exclude_schemas": "excludeSchemas", "options.search_path": "searchPath" };

/** What the API found wrong, at the fields where it was typed. */
function errorsOf(error: unknown): Partial<Record<Field, string>> {
  if (!isProblem(error)) {
    return {};
  }
  const found = (error.problem.errors ?? []).map(({ field, message, hint }) => [API_FIELDS[field] ?? field.split(".").at(-1) ?? field, hint ? `${message}: ${hint}` : message] as const);
  return Object.fromEntries(found.filter(([field]) => field in EMPTY));
}

/** What was there when the form opened, and the version that a save goes to. */
interface Base {
  connection: Connection;
  etag: string;
}

interface Conflict {
  theirs: Base;
  all: Difference[];
}

/** Compares three: as it was, as it is saved now, as it is typed. */
function conflictOf(before: Values, theirs: Base, mine: Values): Conflict {
  const saved = valuesOf(theirs.connection);
  const fields = (Object.keys(FIELDS) as Field[]).filter((field) => field !== "password");
  const all = fields.map((field) => ({ field, label: FIELDS[field], before: shown(field, before), theirs: shown(field, saved), mine: shown(field, mine) }));
  return { theirs, all: differences(all) };
}

/** What is saved when both versions are put together. */
function merged(theirs: Values, before: Values, mine: Values, fields: readonly Difference[], choices: Choices): Values {
  const taken = Object.fromEntries(changedFields(before, mine).map((field) => [field, mine[field]]));
  const chosen = Object.fromEntries(fields.map((one) => [one.field, (choiceOf(one, choices) === "mine" ? mine : theirs)[one.field as Field]]));
  return { ...theirs, ...taken, ...chosen };
}

export function useConnectionForm(workspace: string, saved: { connection: Connection; etag: string } | undefined, onSaved: (connection: Connection) => void) {
  const [base] = useState<Base | undefined>(saved);
  const [values, setValues] = useState<Values>(saved ? valuesOf(saved.connection) : EMPTY);
  const [told, setTold] = useState<Partial<Record<Field, string>>>({});
  const [conflict, setConflict] = useState<Conflict>();
  const [choices, setChoices] = useState<Choices>({});
  const before = base ? valuesOf(base.connection) : EMPTY;
  const final = conflict ? merged(valuesOf(conflict.theirs.connection), before, values, conflict.all, choices) : values;
  const moved = base !== undefined && leadsElsewhere(before, values);

  const test = useMutation({
    mutationFn: async () => {
      const untouched = base !== undefined && values.password === "" && !moved && values.database === before.database;
      return untouched ? testConnection(workspace, base.connection.id) : testDraft(workspace, draftOf({ ...values, name: values.name || "test" }));
    },
    onSuccess: ({ problem }) => {
      const field = problem && (values.engine === "sqlite" ? "file" : problemField[problem.class]);
      setTold(field ? { [field]: `${problemName(problem.class)}.` } : {});
    },
    onError: (error) => setTold(errorsOf(error)),
  });

  const save = useMutation({
    mutationFn: async () => {
      if (base === undefined) {
        return createConnection(workspace, draftOf(values));
      }
      const onto = conflict?.theirs ?? base;
      return changeConnection(workspace, base.connection.id, onto.etag, editOf(valuesOf(onto.connection), final));
    },
    onSuccess: (connection) => {
      setConflict(undefined);
      onSaved(connection);
    },
    onError: async (error) => {
      setTold(errorsOf(error));
      if (base !== undefined && isProblem(error, "changed")) {
        const now = await queryClient.fetchQuery(connectionVersionQuery(workspace, base.connection.id));
        setChoices({});
        setConflict(conflictOf(before, { connection: now.data, etag: now.etag }, values));
      }
    },
  });

  const change = (changed: Partial<Values>) => {
    setValues({ ...values, ...changed });
    const still = Object.entries(told).filter(([field]) => !(field in changed));
    setTold(Object.fromEntries(still));
    test.reset();
  };

  /** Whether what can be told here is right; says at each field what is not. */
  const complete = (except: readonly Field[] = []): boolean => {
    const found = Object.fromEntries(Object.entries(missing(values)).filter(([field]) => !except.includes(field as Field)));
    setTold(found);
    return Object.keys(found).length === 0;
  };

  const reset = () => {
    setValues(before);
    setTold({});
    setConflict(undefined);
    save.reset();
    test.reset();
  };

  return { base, before, values, final, told, moved, conflict, choices, setChoices, change, complete, reset, test, save, changed: base ? changedFields(before, values) : [] };
}

export type ConnectionFormState = ReturnType<typeof useConnectionForm>;
