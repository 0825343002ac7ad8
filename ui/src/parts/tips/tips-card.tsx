// Does the person want tips at the foot of pages?

import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Switch } from "~/ui/choice";
import { useTips } from "./use-tips";

export function TipsCard() {
  const { state, setOff, bringBack } = useTips();
  return (
    <Card title="Tips" note="in this browser">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <Switch label="Show a tip at the foot of pages" checked={!state.off} onChange={(on) => setOff(!on)} />
        <Button size="small" disabled={!state.off && state.seen.length === 0} onClick={bringBack}>
          Show all of them again
        </Button>
      </div>
    </Card>
  );
}
