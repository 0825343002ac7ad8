// How does a schema come in from a file, where no database can be read?

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, Download, FileUp } from "lucide-react";
import { useState } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import { uploadSchema } from "~/api/tables";
import { Page } from "~/parts/page";
import { save } from "~/parts/save";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { bytes, count } from "~/ui/format";
import { ErrorNote, Failed, FirstTime, NotAllowed, Note, SkeletonRows } from "~/ui/states";
import { DropZone } from "./drop-zone";
import { EXAMPLES } from "./examples";
import { FILE_BYTES_MAX, kindOf } from "./file-kind";
import { FilePreview } from "./file-preview";
import { MistakeList } from "./mistake-list";

const ABOUT = "A file says which tables and columns there are, where the database itself cannot be read. No rows are needed, and none are taken.";

export function SchemaImportPage() {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const scope = useScope(slug);
  const may = useMay("manage_connections");
  const connection = scope.connection ?? connections.data?.[0];
  if (may && connections.data !== undefined && connection !== undefined) {
    return <ImportTo key={connection.id} connection={connection} connections={connections.data} onChoose={scope.choose} />;
  }
  return (
    <Page title="Import a schema" about={ABOUT} wide={false}>
      {!may ? (
        <NotAllowed what="this page: a file becomes the schema of a connection" capability="manage_connections" />
      ) : connections.error && connections.data === undefined ? (
        <Failed error={connections.error} onRetry={() => void connections.refetch()} />
      ) : connections.data === undefined ? (
        <SkeletonRows />
      ) : (
        <FirstTime
          icon={<Database className="size-5" />}
          title="There is no connection yet"
          actions={
            <Button asChild variant="primary">
              <Link to={paths.newConnection(slug)}>New connection</Link>
            </Button>
          }
        >
          A schema belongs to a connection. It may name a server that cannot be reached from here: its schema comes from the file then.
        </FirstTime>
      )}
    </Page>
  );
}

/** A file that was chosen, and what is in it. */
interface Chosen {
  file: File;
  content: Uint8Array;
  text: string;
}

function ImportTo({ connection, connections, onChoose }: { connection: Connection; connections: readonly Connection[]; onChoose: (id: string) => void }) {
  const { slug } = useWorkspace();
  const [chosen, setChosen] = useState<Chosen>();
  const [tooLarge, setTooLarge] = useState<string>();
  const upload = useMutation({ mutationFn: ({ file, text }: Chosen) => uploadSchema(slug, connection.id, file, kindOf(file.name, text)) });
  const choose = async (file: File) => {
    upload.reset();
    setTooLarge(undefined);
    setChosen(undefined);
    if (file.size > FILE_BYTES_MAX) {
      setTooLarge(`${file.name} has ${bytes(file.size)}; at most ${bytes(FILE_BYTES_MAX)} are taken. Leave out what nobody looks at, or send it in the form of CSV.`);
      return;
    }
    const content = new Uint8Array(await file.arrayBuffer());
    setChosen({ file, content, text: new TextDecoder().decode(content) });
  };
  return (
    <Page
      title="Import a schema"
      about={ABOUT}
      wide={false}
      crumbs={<Link to={withSearch(paths.tables(slug), { connection: connection.id })}>Tables</Link>}
      actions={connections.length > 1 && <BareSelect label="Connection" className="min-w-44" value={connection.id} onChange={onChoose} choices={connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))} />}
    >
      <Card title="1. A file" note="JSON or CSV, UTF-8, up to 32 MB" actions={<Examples />}>
        <DropZone onFile={(file) => void choose(file)} />
        {tooLarge && <Note tone="danger">{tooLarge}</Note>}
      </Card>
      {chosen && (
        <Card title="2. What it seems to hold" note={`${chosen.file.name}, ${bytes(chosen.file.size)}, ${kindOf(chosen.file.name, chosen.text) === "text/csv" ? "CSV" : "JSON"}`} flush>
          <FilePreview text={chosen.text} kind={kindOf(chosen.file.name, chosen.text)} />
          <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
            <Button variant="primary" busy={upload.isPending} onClick={() => upload.mutate(chosen)} icon={<FileUp className="size-3.5" aria-hidden="true" />}>
              Import as the schema of {connection.name}
            </Button>
            <span className="min-w-0 flex-1 text-xs text-ink-soft">
              It is taken whole or not at all. {connection.last_snapshot ? "The schema that is known now stays in the history; the next reading of the database takes the place of the file." : "Until the database itself is read, this is its schema."}
            </span>
          </div>
        </Card>
      )}
      {upload.error && chosen && <Refused error={upload.error} content={chosen.content} />}
      {upload.data && <Done connection={connection} taken={upload.data} />}
    </Page>
  );
}

function Examples() {
  return (
    <>
      {EXAMPLES.map((example) => (
        <Button key={example.name} size="small" variant="quiet" icon={<Download className="size-3.5" aria-hidden="true" />} onClick={() => save(example.text, example.name, example.kind)}>
          Example as {example.kind === "text/csv" ? "CSV" : "JSON"}
        </Button>
      ))}
    </>
  );
}

function Refused({ error, content }: { error: Error; content: Uint8Array }) {
  const mistakes = isProblem(error, "invalid") ? (error.problem.errors ?? []) : [];
  if (mistakes.length === 0) {
    return <ErrorNote error={error} />;
  }
  return (
    <Card title="Nothing was taken: the file has mistakes" note={`${count(mistakes.length, "mistake")}${mistakes.length >= 100 ? " and perhaps more" : ""}; mend the file and choose it again`} flush>
      <MistakeList mistakes={mistakes} content={content} />
    </Card>
  );
}

function Done({ connection, taken }: { connection: Connection; taken: { is_new: boolean; snapshot: { id: string; object_count: number } } }) {
  const { slug } = useWorkspace();
  const at = (path: string) => withSearch(path, { connection: connection.id });
  return (
    <Note tone="ok">
      <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="font-medium">{taken.is_new ? `${count(taken.snapshot.object_count, "object")} came in: this is the schema of ${connection.name} now.` : "The file says the same as the schema that is known: nothing changed."}</span>
        <Link to={at(paths.tables(slug))} className="underline underline-offset-2">
          See the tables
        </Link>
        {taken.is_new && connection.last_snapshot && (
          <Link to={at(paths.schemaHistory(slug))} className="underline underline-offset-2">
            What became different
          </Link>
        )}
      </div>
    </Note>
  );
}
