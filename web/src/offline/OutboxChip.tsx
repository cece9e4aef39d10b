/** In the header, on a telephone a strip below it; only when there is something to say: no network, or entries still on this device. */
import { CloudUploadOutlined, DisconnectOutlined } from "@ant-design/icons";
import { href } from "../app/router";
import { useRight } from "../app/session";
import { useDown } from "./connection";
import { useQueue, useWaiting } from "./queue";
import "./offline.css";

export function OutboxChip() {
  const down = useDown();
  const waiting = useWaiting();
  const { busy } = useQueue();
  const reports = useRight("report");
  if (!down && waiting === 0) return null;
  const said = (
    <>
      {down ? <DisconnectOutlined aria-hidden /> : <CloudUploadOutlined aria-hidden />}
      <span>{down && "离线"}{down && waiting > 0 && " · "}{waiting > 0 && `${busy ? "上传中" : "待上传"} ${waiting}`}</span>
    </>
  );
  return (
    <span role="status" className="outbox-status">
      {reports ? <a className="shell-tool outbox-chip" href={href("/outbox")}>{said}</a> : <span className="shell-tool outbox-chip">{said}</span>}
    </span>
  );
}
