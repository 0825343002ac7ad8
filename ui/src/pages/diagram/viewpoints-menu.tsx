// How does one keep a picture, come back to it, and let others see it?

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, Link2, Pencil, Save, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { changeViewpoint, createViewpoint, deleteViewpoint, viewpointQuery, viewpointsQuery, type Picture, type Viewpoint } from "~/api/diagram";
import { fieldProblem, isProblem } from "~/api/problem";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Confirm, Dialog } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { count } from "~/ui/format";
import { Menu, MenuItem, MenuLabel, MenuLine } from "~/ui/menu";
import { ErrorNote } from "~/ui/states";
import { toast } from "~/ui/toast";

/** The viewpoint that is open, with the version one saw. */
export interface OpenViewpoint {
  viewpoint: Viewpoint;
  picture: Picture;
  etag: string;
}

interface ViewpointsMenuProps {
  connection: string;
  open: OpenViewpoint | undefined;
  /** What one sees now; nothing while it is no picture of tables. */
  picture: () => Picture | undefined;
  canSave: boolean;
  isChanged: boolean;
  /** Goes to another one; to none when it is gone. */
  onOpen: (viewpoint: string | undefined) => void;
}

type Asked = "save" | "rename" | "delete" | "overwrite";

export function ViewpointsMenu({ connection, open, picture, canSave, isChanged, onOpen }: ViewpointsMenuProps) {
  const { slug } = useWorkspace();
  const may = useMay("save_queries");
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>();
  const all = useQuery(viewpointsQuery(slug, connection));
  // The list alone: the one that is open may just have been deleted, and is not to be asked for again.
  const again = () => client.invalidateQueries({ queryKey: viewpointsQuery(slug, connection).queryKey });
  const close = () => setAsked(undefined);
  const change = async (etag: string, name: string, shown: Picture | undefined) => {
    if (open === undefined || shown === undefined) {
      return;
    }
    const saved = await changeViewpoint(slug, open.viewpoint.id, etag, name, shown);
    client.setQueryData(viewpointQuery(slug, open.viewpoint.id).queryKey, saved);
    await again();
    toast({ title: `Saved “${saved.data.viewpoint.name}”`, tone: "ok" });
  };
  const saving = useMutation({
    mutationFn: () => change(open?.etag ?? "", open?.viewpoint.name ?? "", picture()),
    onError: (error) => (isProblem(error, "changed") ? setAsked("overwrite") : toast({ title: "The viewpoint was not saved.", detail: error.message, tone: "danger" })),
  });
  return (
    <>
      {open && may && isChanged && (
        <Button variant="primary" busy={saving.isPending} icon={<Save className="size-3.5" aria-hidden="true" />} onClick={() => saving.mutate()}>
          Save changes
        </Button>
      )}
      <Menu
        trigger={
          <Button icon={<Bookmark className="size-3.5" aria-hidden="true" />} className="max-w-64">
            <span className="truncate">{open?.viewpoint.name ?? "Viewpoints"}</span>
          </Button>
        }
      >
        <MenuItem icon={<Save />} disabled={!may || !canSave} onSelect={() => setAsked("save")}>
          {!may ? "Keeping one needs save_queries" : canSave ? (open ? "Save as another…" : "Save what is shown…") : "Open a group to save it"}
        </MenuItem>
        {open && (
          <>
            <MenuItem icon={<Link2 />} onSelect={() => void copyText(location.origin + withSearch(paths.diagram(slug), { connection, viewpoint: open.viewpoint.id }), "Link copied")}>
              Copy its link
            </MenuItem>
            <MenuItem icon={<Pencil />} disabled={!may || isChanged} onSelect={() => setAsked("rename")}>
              {isChanged && may ? "Save changes to rename it" : "Rename…"}
            </MenuItem>
            <MenuItem icon={<Trash2 />} danger disabled={!may} onSelect={() => setAsked("delete")}>
              Delete…
            </MenuItem>
          </>
        )}
        <MenuLine />
        <Kept all={all.data} failed={all.isError} current={open?.viewpoint.id} onOpen={onOpen} />
      </Menu>
      {asked === "save" && (
        <NameDialog
          title="Save as a viewpoint"
          about="Which tables are shown, where they stand, and what is hidden. Everybody in this workspace sees it."
          action="Save viewpoint"
          name=""
          onClose={close}
          onSave={async (name) => {
            const shown = picture();
            const made = shown && (await createViewpoint(slug, connection, name, shown));
            await again();
            if (made) {
              toast({ title: `Saved “${made.name}”`, tone: "ok" });
              onOpen(made.id);
            }
          }}
        />
      )}
      {open && asked === "rename" && <NameDialog title="Rename the viewpoint" about="Links to it stay good." action="Rename" name={open.viewpoint.name} onClose={close} onSave={(name) => change(open.etag, name, open.picture)} />}
      {open && (
        <Confirm
          open={asked === "delete"}
          onClose={close}
          title={`Delete “${open.viewpoint.name}”`}
          consequence="It is removed for everybody in this workspace; links to it lead nowhere then. The tables are not touched."
          action="Delete viewpoint"
          onConfirm={async () => {
            await deleteViewpoint(slug, open.viewpoint.id, open.etag);
            onOpen(undefined);
            await again();
          }}
        />
      )}
      {open && (
        <Confirm
          open={asked === "overwrite"}
          onClose={close}
          title="Somebody else changed it meanwhile"
          consequence="What you see is not saved yet. Save it over theirs, or keep theirs and save yours as another viewpoint."
          action="Save over theirs"
          onConfirm={async () => {
            const theirs = await client.fetchQuery({ ...viewpointQuery(slug, open.viewpoint.id), staleTime: 0 });
            await change(theirs.etag, theirs.data.viewpoint.name, picture());
          }}
        />
      )}
    </>
  );
}

function Kept({ all, failed, current, onOpen }: { all: readonly Viewpoint[] | undefined; failed: boolean; current: string | undefined; onOpen: (viewpoint: string) => void }) {
  if (all === undefined || all.length === 0) {
    return <MenuLabel>{failed ? "Viewpoints could not be loaded." : all === undefined ? "Loading…" : "None is kept yet: hide, add and move tables until the picture says what you mean, then save it."}</MenuLabel>;
  }
  return (
    <>
      <MenuLabel>Kept in this workspace</MenuLabel>
      {all.map((one) => (
        <MenuItem key={one.id} disabled={one.id === current} onSelect={() => onOpen(one.id)}>
          <span className="block truncate" dir="auto">
            {one.name}
          </span>
          <span className="block text-2xs text-ink-faint">{one.id === current ? "open now" : count(one.table_count, "table")}</span>
        </MenuItem>
      ))}
    </>
  );
}

interface NameDialogProps {
  title: string;
  about: string;
  action: string;
  name: string;
  onClose: () => void;
  onSave: (name: string) => Promise<unknown>;
}

function NameDialog({ title, about, action, name: before, onClose, onSave }: NameDialogProps) {
  const [name, setName] = useState(before);
  const saving = useMutation({ mutationFn: () => onSave(name.trim()), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  const taken = isProblem(saving.error, "duplicate") ? "there is a viewpoint of this name already" : undefined;
  return (
    <Dialog open onClose={onClose} title={title} description={about}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <TextField label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} error={fieldProblem(saving.error, "name") ?? taken} autoComplete="off" data-begin />
        {saving.error && !taken && <ErrorNote error={saving.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={saving.isPending} disabled={name.trim() === "" || name.trim() === before}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
