/** Somebody was faster: what that means, and the way on without losing what was typed. */
import { Alert, Button } from "antd";
import { useEffect, useRef } from "react";
import type { ApiError } from "../api/client";
import { href } from "../app/router";

export function Conflict({ error, caseId, onReload }: { error: ApiError; caseId: string; onReload: () => void }) {
  const gone = error.status === 404 || (error.code !== "stale_revision" && error.code !== "conflict");
  const box = useRef<HTMLDivElement>(null);
  // The verb that failed may be a screen further down.
  useEffect(() => {
    box.current?.scrollIntoView({ block: "center" });
    box.current?.focus({ preventScroll: true });
  }, [error]);
  return (
    <div ref={box} tabIndex={-1} className="conflict">
      <Alert
        type="warning" showIcon role="alert" title={gone ? "这个环节已经不能提交" : "您填写期间，情况有了变化"}
        description={
          <>
            <p>{error.message} 您填写的内容仍在本页，没有丢失。</p>
            <div className="row">
              {!gone && <Button type="primary" onClick={onReload}>载入最新情况，保留我填写的内容</Button>}
              <Button href={href(`/cases/${caseId}`)}>查看办理过程</Button>
            </div>
          </>
        }
      />
    </div>
  );
}
