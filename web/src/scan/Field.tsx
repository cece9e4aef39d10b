/** A labelled field with what is wrong with it, for the public's pages. */
import type { ReactNode } from "react";

export function Field({ id, label, error, children }: { id: string; label: string; error: string | undefined; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {error && <p className="wrong" id={`${id}-error`}>■ {error}</p>}
    </div>
  );
}
