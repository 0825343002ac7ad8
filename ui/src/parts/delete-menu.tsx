// How is the thing that a page is about deleted?

import { Ellipsis, Trash2 } from "lucide-react";
import { useState, type ComponentProps } from "react";
import { IconButton } from "~/ui/button";
import { Confirm } from "~/ui/dialog";
import { Menu, MenuItem } from "~/ui/menu";

interface DeleteMenuProps extends Pick<ComponentProps<typeof Confirm>, "title" | "consequence" | "action" | "typed" | "onConfirm"> {
  disabled: boolean;
  /** What the menu says, where it is not the action: why it cannot be. */
  item?: string;
}

export function DeleteMenu({ disabled, item, ...confirm }: DeleteMenuProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More" variant="secondary">
            <Ellipsis className="size-4" aria-hidden="true" />
          </IconButton>
        }
      >
        <MenuItem danger disabled={disabled} onSelect={() => setOpen(true)} icon={<Trash2 />}>
          {item ?? confirm.action}
        </MenuItem>
      </Menu>
      <Confirm open={isOpen} onClose={() => setOpen(false)} {...confirm} />
    </>
  );
}
