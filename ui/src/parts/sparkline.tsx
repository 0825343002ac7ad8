// How did one number go, in the space of a word?

import { memo } from "react";

export const Sparkline = memo(function Sparkline({ values, label, width = 96, height = 22 }: { values: readonly number[]; label: string; width?: number; height?: number }) {
  const highest = Math.max(...values, 1e-9);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((value, index) => `${(index * step).toFixed(1)},${(height - 1.5 - (value / highest) * (height - 3)).toFixed(1)}`);
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="block shrink-0 overflow-visible">
      <polygon points={`0,${height} ${points.join(" ")} ${width},${height}`} fill="var(--series-1)" opacity="0.12" />
      <polyline points={points.join(" ")} fill="none" stroke="var(--series-1)" strokeWidth="1.25" strokeLinejoin="round" />
    </svg>
  );
});
