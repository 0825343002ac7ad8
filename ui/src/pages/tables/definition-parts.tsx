// What else does the database say of the object: how it would be made again, who owns it, who may do what with it?

import type { SchemaObject } from "~/api/tables";
import { createText } from "~/parts/create-text";
import { Details } from "~/parts/details";
import { SqlBlock } from "~/parts/sql-text";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import type { Definition } from "./definition";

interface DefinitionPartsProps {
  object: SchemaObject;
  engine: string;
  definition: Definition;
}

export function DefinitionParts({ object, engine, definition }: DefinitionPartsProps) {
  const whole = createText(object, engine);
  const facts = [{ label: "Owner", value: definition.owner, mono: true }, ...definition.facts.map((fact) => ({ label: fact.label, value: fact.value, mono: true }))];
  return (
    <div className="flex flex-col gap-4">
      <Card title="Facts">
        <Details items={facts} />
      </Card>
      <Card
        title="As SQL"
        note="put together from the snapshot; storage, tablespaces and options are left out"
        actions={
          <Button size="small" variant="quiet" onClick={() => void copyText(whole)}>
            Copy
          </Button>
        }
      >
        <SqlBlock text={whole} className="max-h-[36rem]" />
      </Card>
      <Card title="Grants" note="to others than the owner">
        {definition.grants.length === 0 ? <p className="text-[13px] text-ink-faint">None but what its kind has by itself.</p> : <Details items={definition.grants.map((grant) => ({ label: grant.grantee, value: grant.privileges, mono: true }))} />}
      </Card>
    </div>
  );
}
