// How long does the control plane keep what it counts? Said in docs/control-plane.md, and a test compares both.

export const KEPT = { minuteHours: 48, hourDays: 30, dayDays: 400 } as const;
