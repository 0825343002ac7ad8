// What else does the database say of the object: query or body, triggers, policies, grants, options?

import { Details } from "~/parts/details";
import { SqlBlock } from "~/parts/sql-text";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import type { Definition } from "./definition";

export function DefinitionParts({ definition }: { definition: Definition }) {
  const facts = [{ label: "Owner", value: definition.owner, mono: true }, ...definition.facts.map((fact) => ({ label: fact.label, value: fact.value, mono: true }))];
  return (
    <div className="flex flex-col gap-4">
      <Card title="Facts">
        <Details items={facts} />
      </Card>
      {definition.texts.map((part) => (
        <Card
          key={part.title}
          title={part.title}
          actions={
            <Button size="small" variant="quiet" onClick={() => void copyText(part.text)}>
              Copy
            </Button>
          }
        >
          <SqlBlock text={part.text} />
        </Card>
      ))}
      <Card title="Grants" note="to others than the owner">
        {definition.grants.length === 0 ? <p className="text-[13px] text-ink-faint">None but what its kind has by itself.</p> : <Details items={definition.grants.map((grant) => ({ label: grant.grantee, value: grant.privileges, mono: true }))} />}
      </Card>
    </div>
  );
}
