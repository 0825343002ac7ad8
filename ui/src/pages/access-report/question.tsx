// Who or what is the report about? Nothing is asked before the button is pressed: each report is on record.

import { ScrollText } from "lucide-react";
import { useState, type FormEvent } from "react";
import { usePageSearch } from "~/parts/search";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { SelectField } from "~/ui/choice";
import { TextField } from "~/ui/field";
import { CLASSES } from "./access-filter";

const ANY = "*";

export function Question() {
  const [search] = usePageSearch();
  const { table, user, application, class: word } = search;
  // What somebody goes to by a link is in the fields, too.
  return <Fields key={[table, user, application, word].join("\n")} />;
}

function Fields() {
  const [search, set] = usePageSearch();
  const [table, setTable] = useState(search["table"] ?? "");
  const [user, setUser] = useState(search["user"] ?? "");
  const [application, setApplication] = useState(search["application"] ?? "");
  const [word, setWord] = useState(search["class"] ?? ANY);
  const [isEmpty, setIsEmpty] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = { table: table.trim() || undefined, user: user.trim() || undefined, application: application.trim() || undefined };
    const isNothing = Object.values(said).every((value) => value === undefined);
    setIsEmpty(isNothing);
    if (!isNothing) {
      set({ ...said, class: word === ANY ? undefined : word, tab: undefined });
    }
  };
  return (
    <Card>
      <form role="search" aria-label="What the report is about" onSubmit={submit} className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_1fr_10rem_auto]">
        <TextField label="Table" value={table} onChange={(event) => setTable(event.target.value)} placeholder="orders, shop.orders" maxLength={300} spellCheck={false} autoComplete="off" error={isEmpty ? "Name a table, a user or an application." : undefined} />
        <TextField label="Database user" value={user} onChange={(event) => setUser(event.target.value)} placeholder="shop_app" maxLength={200} spellCheck={false} autoComplete="off" />
        <TextField label="Application" optional value={application} onChange={(event) => setApplication(event.target.value)} maxLength={200} spellCheck={false} autoComplete="off" />
        <SelectField label="Class" value={word} onChange={setWord} choices={[{ value: ANY, label: "Any" }, ...CLASSES.map((value) => ({ value, label: value }))]} />
        <div className="sm:pt-6.5">
          <Button type="submit" variant="primary" icon={<ScrollText className="size-3.5" aria-hidden="true" />}>
            Make the report
          </Button>
        </div>
      </form>
    </Card>
  );
}
