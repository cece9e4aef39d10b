/** After handing in without a network: it is on this device, it is not lost, and nothing more needs to be done. */
import { Button } from "antd";
import { useEffect, useRef, type ReactNode } from "react";
import { href } from "../app/router";
import { when } from "../common/time";
import type { Entry } from "./types";
import { KIND_WORDS } from "./types";
import "./offline.css";
import "../report/report.css";

export function KeptHere({ entry, children }: { entry: Entry; children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => { title.current?.focus(); window.scrollTo(0, 0); }, []);
  return (
    <section className="report report-done panel">
      <div className="kept-mark" aria-hidden="true">⇧</div>
      <h1 ref={title} tabIndex={-1}>已存在本机，联网后自动上传</h1>
      <p>{KIND_WORDS[entry.kind]}{entry.title && ` · ${entry.title}`}，登记时间 <span className="num">{when(entry.at)}</span>。</p>
      <p className="muted">现在没有网络，内容还没有送达镇（街）。有网络时打开本系统即自动上传，登记时间不变。遇危及生命的情况，先拨打 120、110。</p>
      <div className="report-next">
        {children}
        <Button size="large" block href={href("/outbox")}>查看待上传</Button>
      </div>
    </section>
  );
}
