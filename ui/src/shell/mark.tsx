// What does the product's mark look like?

export function Mark({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f766e" />
      <path d="M8 9.5h9.2a6.5 6.5 0 0 1 0 13H8zM12.2 13.4v5.2h4.6a2.6 2.6 0 0 0 0-5.2z" fill="#fff" />
      <circle cx="25" cy="8" r="3" fill="#fbbf24" />
    </svg>
  );
}
