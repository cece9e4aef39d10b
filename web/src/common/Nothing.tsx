/** Empty state: says what would be here, not just that nothing is. */
import { Empty } from "antd";
import type { ReactNode } from "react";

export function Nothing({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <Empty
      className="nothing"
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <strong>{title}</strong>
          {hint && <p className="muted">{hint}</p>}
        </>
      }
    >
      {children}
    </Empty>
  );
}
