/** 人员名册: the corps with posts and training; accounts are opened, given a password, and closed here. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { App, Button, Checkbox, Dropdown, Modal, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { href } from "../app/router";
import { AreaFilter } from "../cases/AreaFilter";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { SearchBox } from "../common/SearchBox";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { useChange } from "./dialogs";
import { ImportDialog } from "./ImportDialog";
import { AddDialog, DisableDialog, NumberDialog, TrainDialog } from "./peopleDialogs";
import type { Member, Paged } from "./types";

type Open = "add" | "import" | { kind: "disable" | "train" | "phone"; who: Member } | null;

export function PeopleTab() {
  const address = useAddress();
  const [open, setOpen] = useState<Open>(null);
  const [area, q, gone] = [address.get("area"), address.get("q"), address.get("gone")];
  const { data, error, refetch } = useQuery({
    queryKey: ["corps", area, q, gone, address.page], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Paged<Member>>("/corps", { area, q, gone: gone || undefined, page: address.page }, signal),
  });
  const close = () => setOpen(null);
  return (
    <div className="stack">
      <div className="filters" role="search" aria-label="筛选人员">
        <SearchBox label="姓名或手机号" value={q} onChange={(next) => address.set({ q: next || undefined })} />
        <AreaFilter value={area} onChange={(next) => address.set({ area: next })} />
        <Checkbox checked={Boolean(gone)} onChange={(event) => address.set({ gone: event.target.checked ? "true" : undefined })}>离岗和停用的</Checkbox>
        <Button onClick={() => setOpen("import")}>导入名册</Button>
        <Button type="primary" onClick={() => setOpen("add")}>新增人员</Button>
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title={gone ? "没有离岗或停用的人员" : "这个范围内没有人员"} hint="可新增，或从 Excel 导入现有名册。" />}
      {data && data.items.length > 0 && <DataTable caption="人员名册" rows={data.items} rowKey={(one) => one.id} columns={columns(setOpen)} />}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {open === "add" && <AddDialog area={area} close={close} />}
      {open === "import" && <ImportDialog title="导入名册" path="/corps" columns="姓名、手机号、岗位、村（居）或镇（街）、任职日期、培训内容、培训日期、培训有效期至" template="/api/corps/template.xlsx" close={close} />}
      {open && typeof open === "object" && open.kind === "disable" && <DisableDialog who={open.who} close={close} />}
      {open && typeof open === "object" && open.kind === "train" && <TrainDialog who={open.who} close={close} />}
      {open && typeof open === "object" && open.kind === "phone" && <NumberDialog who={open.who} close={close} />}
    </div>
  );
}

function columns(setOpen: (open: Open) => void): Column<Member>[] {
  return [
    { key: "name", label: "姓名", render: (one) => <span className="nowrap">{one.name}{one.disabled && <span className="vacant">（停用）</span>}</span> },
    { key: "phone", label: "电话", render: (one) => <span className="nowrap num">{one.phone || "—"}</span> },
    { key: "posts", label: "任职", render: (one) => (one.posts.length ? one.posts.map((post) => <div key={post.id} className="cell-words">{post.area} {post.label}{post.substitutions.length > 0 && <small className="standing"><b>代</b> {post.substitutions[0].substitute_name}</small>}</div>) : <span className="muted">没有任职</span>) },
    { key: "trained", label: "培训", render: (one) => <Trained one={one} /> },
    { key: "held", label: "在办", align: "right", render: (one) => (one.held ? <a href={href("/handover", { person: one.id })}>{one.held}</a> : 0) },
    { key: "account", label: "账号", render: (one) => <span className="nowrap">{one.username}{!one.usable && <small className="muted">（未发密码）</small>}</span> },
    { key: "do", label: "操作", render: (one) => <Acts one={one} setOpen={setOpen} /> },
  ];
}

function Trained({ one }: { one: Member }) {
  const last = one.trainings[0];
  if (!last) return <span className="muted nowrap">没有记录</span>;
  const until = last.valid_to ? `，${last.expired ? "已于" : "有效至"} ${day(last.valid_to, { year: true })}${last.expired ? " 过期" : ""}` : "";
  return <span className={last.expired ? "cell-words vacant" : "cell-words"}>{last.topic}（{day(last.held_on, { year: true })}{until}）</span>;
}

function Acts({ one, setOpen }: { one: Member; setOpen: (open: Open) => void }) {
  const { message, modal } = App.useApp();
  const password = useChange<{ username: string; password: string }>(`/corps/${one.id}/password`);
  const enable = useChange(`/corps/${one.id}/enable`);
  const failed = (error: Error) => void message.error(error.message, 6);
  const reset = () =>
    modal.confirm({
      title: `重置${one.name}的密码？`, content: "原密码立即失效，已登录的会话同时退出。", okText: "重置",
      onOk: () => password.mutate({}, {
        onError: failed,
        onSuccess: (made) => Modal.info({ title: "新密码只显示这一次，请当面交付", okText: "已交付", content: <p className="secret">用户名 <b>{made.username}</b><br />密码 <b>{made.password}</b></p> }),
      }),
    });
  const items = one.disabled
    ? [{ key: "enable", label: "恢复账号", onClick: () => enable.mutate({}, { onError: failed, onSuccess: (done) => void message.success(done.message) }) }]
    : [
        { key: "train", label: "登记培训", onClick: () => setOpen({ kind: "train", who: one }) },
        { key: "phone", label: "修改手机号", onClick: () => setOpen({ kind: "phone", who: one }) },
        { key: "password", label: "重置密码", onClick: reset },
        { key: "disable", label: "停用账号", danger: true, onClick: () => setOpen({ kind: "disable", who: one }) },
      ];
  return <Dropdown trigger={["click"]} menu={{ items }}><Button size="small" aria-label={`${one.name}：操作`}>操作</Button></Dropdown>;
}
