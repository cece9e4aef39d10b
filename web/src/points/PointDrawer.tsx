/** One service point: what is known of it, and every check, test call and repair. */
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { Problem } from "../common/Problem";
import { day, when } from "../common/time";
import { FormDialog } from "../forms/FormDialog";
import type { Values } from "../forms/model";
import { CALL, editPoint } from "./schemas";
import { CHECKS, type PointDetail } from "./types";

const RENEW = ["points", "point"];
const STATES = { good: "正常", faulty: "有问题", closed: "已停用" };

export function PointDrawer({ id, may, close }: { id: string; may: boolean; close: () => void }) {
  const [open, setOpen] = useState<"edit" | "call" | null>(null);
  const { data, error, isPending } = useQuery({ queryKey: ["point", id], queryFn: () => get<PointDetail>(`/service-points/${id}`) });
  const editing = data && { name: data.name, place: data.place, hours: data.hours, staff: data.staff, phone: data.phone, policy_version: data.policy_version, photo: data.photo, state: data.state };
  return (
    <Drawer
      open title={data ? `${data.kind_name} · ${data.place_name}` : "服务点"} onClose={close} size={520}
      extra={data && may && (
        <span className="row">
          {data.kind === "hotline" && <Button onClick={() => setOpen("call")}>登记试拨</Button>}
          <Button type="primary" onClick={() => setOpen("edit")}>修改</Button>
        </span>
      )}
    >
      {isPending && <Skeleton active />}
      {error && <Problem error={error} />}
      {data && <Shown one={data} />}
      {data && open === "edit" && (
        <FormDialog
          title={`修改：${data.name}`} ok="保存" schema={editPoint(data.kind)} values={editing as Values} path={`/service-points/${id}`} renew={RENEW}
          body={(values) => ({ policy_version: data.policy_version, ...values, photo: values.photo ?? [], revision: data.revision })} close={() => setOpen(null)}
        />
      )}
      {data && open === "call" && (
        <FormDialog title={`登记试拨：${data.phone ?? data.name}`} ok="登记" schema={CALL} values={{}} path={`/service-points/${id}/calls`} renew={RENEW} body={(values) => values} close={() => setOpen(null)} />
      )}
    </Drawer>
  );
}

function Shown({ one }: { one: PointDetail }) {
  const facts: [string, string][] = [
    ["名称", one.name], ["地点", one.place], ["服务时间", one.hours ?? "未填"], ["值守人员", one.staff ?? "未填"], ["电话", one.phone ?? "未填"],
    ...(one.kind === "policy_board" ? [["公示的文本", one.policy_version ?? "未填"] as [string, string]] : []),
    ["状态", `${STATES[one.state]}${one.note ? `（${one.note}）` : ""}`], ["最近核验", one.checked_on ? day(one.checked_on, { year: true }) : "还没有核验过"],
  ];
  return (
    <div className="stack">
      <dl className="facts">{facts.map(([label, text]) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}</dl>
      {one.photo.length > 0 && <div className="row">{one.photo.map((file) => <a key={file} href={`/api/files/${file}`} target="_blank" rel="noreferrer">照片</a>)}</div>}
      <section>
        <h3>核验、试拨和整改记录</h3>
        {one.checks.length === 0 && <p className="muted">还没有记录。</p>}
        <ol className="plain-list">
          {one.checks.map((check) => (
            <li key={`${check.at}-${check.kind}`} className="check-line">
              <strong>{CHECKS[check.kind] ?? check.kind}</strong> {check.ok ? "正常" : <span className="point-wrong">{check.finding}</span>}
              <div className="muted">{when(check.at)} {check.person}{check.case_id && <> · <a href={`#/cases/${check.case_id}`}>查看事项</a></>}</div>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
