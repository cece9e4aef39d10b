/** The register kept by hand: a household entered and corrected, members who join, are corrected, leave and return. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Drawer } from "antd";
import { useState } from "react";
import { get, patch, post, type ApiError } from "../api/client";
import { href, navigate } from "../app/router";
import { useMe } from "../app/session";
import { useNow } from "../clock/useClock";
import { day, toWall } from "../common/time";
import { FormDialog } from "../forms/FormDialog";
import type { Values } from "../forms/model";
import { changed, editHome, homeValues, KEEPERS, leaveForm, memberForm, memberValues, moveForm, newHome } from "./forms";
import type { HomeChoices, HomeDetail, HomeDone, HomeMember, VisitRow } from "./types";

const RENEW = ["register"];
const useChoices = () => useQuery({ queryKey: ["home-choices"], queryFn: () => get<HomeChoices>("/register/choices"), staleTime: 600_000 }).data;

/** What to look at again, kept on the screen until it is read. */
function useTold() {
  const { modal } = App.useApp();
  return (answer: HomeDone) => {
    if (answer.warnings.length === 0) return;
    modal.warning({ title: "已保存，请核对", content: <ul className="plain-list">{answer.warnings.map((one) => <li key={one}>{one}</li>)}</ul>, okText: "知道了" });
  };
}

/** A refusal with its way on: the latest page, the household that is meant, or "another one" where it may be. */
function useRefused(close: () => void, another: string) {
  const client = useQueryClient();
  return (error: ApiError, again: (more: Values) => void) => {
    if (error.code === "stale_revision") {
      const renew = () => { close(); void client.invalidateQueries({ queryKey: RENEW }); };
      return <Alert type="error" showIcon role="alert" title={error.message} description={<Button onClick={renew}>载入最新内容</Button>} />;
    }
    if (!error.household) return null;
    const may = error.code === "namesake" || error.code === "number_alike";
    return (
      <Alert
        type="warning" showIcon role="alert" title={error.message}
        description={<span className="row"><Button href={href(`/homes/${error.household}`)} onClick={close}>打开那一户</Button>{may && <Button onClick={() => again({ confirmed: true })}>{another}</Button>}</span>}
      />
    );
  };
}

export function NewHome({ close }: { close: () => void }) {
  const choices = useChoices();
  const told = useTold();
  const refused = useRefused(close, "确是另一户，继续新增");
  const village = useMe().posts.find((held) => KEEPERS.includes(held.post) && held.tier === "village");
  return (
    <FormDialog
      key={choices ? "form" : "waiting"} title="新增一户" ok="新增" width={820} schema={choices && newHome(choices)} values={{ area: village?.area ?? null, members: [{}] }}
      path="/register" body={(values) => values} renew={RENEW} refused={refused} close={close}
      done={(answer: HomeDone) => { navigate(`/homes/${answer.household}`); told(answer); }}
    />
  );
}

interface OneProps {
  home: HomeDetail;
  /** The visit whose report is entered. */
  visit?: string;
  close: () => void;
}

/** The household as it was when the dialog was opened: what comes later does not slip under what is being typed. */
function useOpened({ home, visit, close }: OneProps, another = "确是另一人，继续添加") {
  const [opened] = useState(home);
  const path = `/register/${opened.id}`;
  return { home: opened, path, seen: { revision: opened.revision, visit }, choices: useChoices(), shared: { renew: RENEW, close, refused: useRefused(close, another), done: useTold() } };
}

export function EditHome(props: OneProps) {
  const { home, path, seen, shared } = useOpened(props);
  const [schema, before] = [editHome(home), homeValues(home)];
  return <FormDialog title={`编辑：${home.head}户`} ok="保存" schema={schema} values={before} path={path} method={patch} body={(now) => ({ ...changed(schema, before, now), ...seen })} {...shared} />;
}

export function AddMember(props: OneProps) {
  const { home, path, seen, choices, shared } = useOpened(props);
  return <FormDialog key={choices ? "form" : "waiting"} title={`添加成员：${home.head}户`} ok="添加" schema={choices && memberForm(choices, null)} values={{}} path={`${path}/members`} body={(now) => ({ ...now, ...seen })} {...shared} />;
}

export function EditMember({ member, ...props }: OneProps & { member: HomeMember }) {
  const { path, seen, choices, shared } = useOpened(props);
  const [schema, before] = [choices && memberForm(choices, member), memberValues(member)];
  return (
    <FormDialog
      key={choices ? "form" : "waiting"} title={`编辑：${member.name}`} ok="保存" schema={schema} values={before} path={`${path}/members/${member.id}`} method={patch}
      body={(now) => ({ ...(schema && changed(schema, before, now)), ...seen })} {...shared}
    />
  );
}

export function MemberLeaves({ member, ...props }: OneProps & { member: HomeMember }) {
  const { home, path, seen, choices, shared } = useOpened(props);
  const now = useNow();
  return (
    <FormDialog
      key={choices ? "form" : "waiting"} title={`离开本户：${member.name}`} ok="登记离开" hint="登记后本户人口减一；记录保留，登记有误可“回到本户”。" schema={choices && leaveForm(choices, home, member)}
      values={{ on: toWall(now())?.format("YYYY-MM-DD") }} path={`${path}/members/${member.id}/left`} body={(values) => ({ ...values, ...seen })} {...shared}
    />
  );
}

/** 回到本户, 恢复本户: asked once, then done. */
export function useTakenBack(home: HomeDetail) {
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const told = useTold();
  const ask = (title: string, content: string, path: string) => modal.confirm({
    title, content, okText: "确认", cancelText: "取消",
    onOk: async () => {
      try {
        const answer = await post<HomeDone>(`/register/${home.id}/${path}`, { revision: home.revision });
        void message.success(answer.message, 5);
        told(answer);
      } catch (error) {
        void message.error(error instanceof Error ? error.message : "没有成功", 8);
      }
      void client.invalidateQueries({ queryKey: RENEW });
    },
  });
  return {
    member: (one: HomeMember) => ask(`${one.name}回到本户？`, "本户人口加一。", `members/${one.id}/back`),
    home: () => ask(`恢复${home.head}户？`, "撤销迁出或注销，重新列入走访。", "reopen"),
  };
}

/** To another village of the district; by who keeps the register of both. */
export function MoveHome(props: OneProps) {
  const { home, path, seen, shared } = useOpened(props);
  return (
    <FormDialog
      title={`迁往另一村（居）：${home.head}户`} ok="登记迁移" schema={moveForm} values={{}} path={`${path}/move`} body={(now) => ({ ...now, ...seen })} {...shared}
      hint="成员、名单、走访和在享救助随户迁移；在办事项不随户，须逐件移交属地。两村（居）都会收到通知，记录保留。"
    />
  );
}

export type Changing = "edit" | "add" | "move" | { member: HomeMember } | { leaves: HomeMember };

export function ChangingDialog({ what, ...props }: OneProps & { what: Changing }) {
  if (what === "edit") return <EditHome {...props} />;
  if (what === "add") return <AddMember {...props} />;
  if (what === "move") return <MoveHome {...props} />;
  return "member" in what ? <EditMember {...props} member={what.member} /> : <MemberLeaves {...props} member={what.leaves} />;
}

/** 按此登记变更: what the visitor reported beside everything one may do about it. */
export function ReportedChange({ home, visit, open, close }: { home: HomeDetail; visit: VisitRow; open: (what: Changing) => void; close: () => void }) {
  const entered = home.changes.filter((one) => one.visit === visit.id);
  return (
    <Drawer open title="按走访登记变更" onClose={close} size={460}>
      <div className="stack">
        <blockquote className="home-report"><strong>{visit.change}</strong><div className="muted">{visit.visitors.join("、")} {day(visit.at)} 走访时反映</div></blockquote>
        <div className="row"><Button onClick={() => open("edit")}>编辑本户</Button><Button onClick={() => open("add")}>添加成员</Button></div>
        <ul className="plain-list home-lists">
          {home.members.filter((one) => !one.left_on).map((one) => <li key={one.id}><strong>{one.name}</strong><span>{one.relation}</span><MemberButtons member={one} open={open} /></li>)}
        </ul>
        {entered.length > 0 && <p role="status">✔ 已据此登记：{entered.map((one) => [one.kind, one.member, one.what].filter(Boolean).join(" ")).join("；")}</p>}
      </div>
    </Drawer>
  );
}

export function MemberButtons({ member, open }: { member: HomeMember; open: (what: Changing) => void }) {
  return (
    <span className="row no-print">
      <Button size="small" aria-label={`编辑${member.name}`} onClick={() => open({ member })}>编辑</Button>
      <Button size="small" aria-label={`${member.name}离开本户`} onClick={() => open({ leaves: member })}>离开本户</Button>
    </span>
  );
}
