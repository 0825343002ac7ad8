// Which role allows what?

import { Check, Minus } from "lucide-react";
import { CAPABILITIES } from "~/parts/capabilities";
import { useWorkspace } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { capabilitiesOf, ROLES } from "./roles";

export function RoleMatrix() {
  const { role } = useWorkspace();
  return (
    <Card title="What each role allows" note="single capabilities can be given beyond a role; the server decides each request" flush>
      <div className="scroll-thin overflow-x-auto" tabIndex={0} role="region" aria-label="What each role allows">
        <table className="w-full min-w-[30rem] text-[13px]">
          <thead>
            <tr className="border-b border-line bg-subtle text-left text-xs text-ink-soft">
              <th scope="col" className="px-4 py-2 font-medium">
                Capability
              </th>
              {ROLES.map((one) => (
                <th key={one.role} scope="col" title={one.about} className="w-16 px-2 py-2 text-center sm:w-24 font-medium">
                  {one.role}
                  {one.role === role && <span className="block text-2xs font-normal text-brand-text">you</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {CAPABILITIES.map(({ capability, allows }) => (
              <tr key={capability} className="border-b border-line last:border-b-0">
                <th scope="row" className="px-4 py-2 text-left font-normal">
                  {allows} <code className="block font-mono text-2xs text-ink-faint">{capability}</code>
                </th>
                {ROLES.map((one) => (
                  <td key={one.role} className="px-2 py-2 text-center">
                    {capabilitiesOf(one.role).includes(capability) ? (
                      <Check className="mx-auto size-4 text-ok" role="img" aria-label="may" />
                    ) : (
                      <Minus className="mx-auto size-4 text-ink-faint" role="img" aria-label="may not" />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-3 text-xs text-ink-soft sm:grid-cols-2">
        {ROLES.map((one) => (
          <li key={one.role}>
            <b className="font-medium text-ink">{one.role}</b> {one.about}
          </li>
        ))}
      </ul>
    </Card>
  );
}
