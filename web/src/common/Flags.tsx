/** Marks of a row in words: 加急, 退回, 督办 … */
export function Flags({ urgent, flags }: { urgent: boolean; flags: string[] }) {
  const shown = urgent && !flags.some((flag) => flag.includes("急")) ? ["加急", ...flags] : flags;
  if (shown.length === 0) return null;
  return (
    <span className="flags">
      {shown.map((flag) => (
        <span key={flag} className={flag.includes("急") || flag === "督办" ? "flag flag-hot" : "flag"}>{flag}</span>
      ))}
    </span>
  );
}
