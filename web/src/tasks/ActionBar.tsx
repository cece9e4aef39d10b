/** The verbs of a step, always in reach: one primary verb; what cannot be used says why. */
import { MoreOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, Done, TaskDetail, TaskRow } from "../api/types";
import { navigate } from "../app/router";
import { useWide } from "../app/useWide";
import { when } from "../common/time";
import type { DraftState } from "../forms/useDraft";
import { AskDialog, JumpDialog, UrgeDialog } from "./asking";
import { SendBackDialog, TransferDialog } from "./dialogs";

interface Props {
  detail: TaskDetail;
  draft: DraftState;
  busy: boolean;
  blocked: boolean;
  onComplete: () => void;
  /** The task is still here but different (claimed, released). */
  onChanged: () => void;
  beforeLeaving: () => void;
}

function draftWords(state: DraftState): string {
  if (state.kind === "pending") return "正在保存草稿…";
  if (state.kind === "saved") return `草稿已保存 ${when(state.at).split(" ")[1]}`;
  if (state.kind === "failed") return `草稿未保存：${state.why}`;
  return "";
}

/** Claiming what is mine and giving back what is not are no questions anybody asks. */
const makesSense = (action: Action, task: TaskRow): boolean =>
  action.enabled || !((action.key === "claim" && task.mine) || (action.key === "release" && !task.mine));

/** The server marks the primary verb; otherwise claiming comes before completing. */
function primaryOf(actions: Action[]): Action | undefined {
  return actions.find((one) => one.primary) ?? actions.find((one) => one.key === "complete" && one.enabled) ?? actions.find((one) => one.key === "claim");
}

const DIALOGS = new Set(["send_back", "transfer", "ask", "presign", "urge", "jump"]);
/** Verbs shown as buttons beside the primary one; the others are under 更多. */
const NEAR = 4;

export function ActionBar({ detail, draft, busy, blocked, onComplete, onChanged, beforeLeaving }: Props) {
  const { task } = detail;
  const actions = detail.actions.filter((one) => makesSense(one, task));
  const { message } = App.useApp();
  const wide = useWide();
  const [dialog, setDialog] = useState<string | null>(null);
  const claim = useWrite<unknown, Done>(`/tasks/${task.id}/claim`);
  const release = useWrite<unknown, Done>(`/tasks/${task.id}/release`);
  const takeBack = useWrite<unknown, Done>(`/tasks/${task.id}/take-back`);
  const primary = primaryOf(actions);
  const rest = actions.filter((one) => one !== primary);
  const leave = (done: Done) => {
    beforeLeaving();
    setDialog(null);
    void message.success(done.message || "已办理");
    navigate("/tasks", { force: true });
  };
  const simple = (write: typeof claim, then: (done: Done) => void) =>
    write.mutate({ revision: task.revision }, { onSuccess: then, onError: (error) => { void message.error(error.message, 6); onChanged(); } });
  const run = (key: string) => {
    if (key === "complete") onComplete();
    if (key === "claim") simple(claim, (done) => { void message.success(done.message || "已认领"); onChanged(); });
    if (key === "release") simple(release, leave);
    if (key === "take_back") simple(takeBack, (done) => { void message.success(done.message); navigate(done.next_task_id ? `/tasks/${done.next_task_id}` : "/tasks", { force: true }); });
    if (DIALOGS.has(key)) setDialog(key);
  };
  const button = (action: Action, main: boolean) => (
    <Button
      key={action.key} type={main ? "primary" : "default"} className={main ? "task-primary" : undefined}
      disabled={!action.enabled || (main && blocked)} loading={main && (busy || claim.isPending)}
      aria-describedby={!action.enabled && action.reason ? `why-${action.key}` : undefined} onClick={() => run(action.key)}
    >
      {action.label}
    </Button>
  );
  const of = (key: string) => actions.find((one) => one.key === key);
  const [sendBack, jump] = [of("send_back"), of("jump")];
  const stay = (done: Done) => { setDialog(null); void message.success(done.message); onChanged(); };
  const close = () => setDialog(null);
  const [near, far] = wide ? [rest.slice(0, NEAR), rest.slice(NEAR)] : [[], rest];
  return (
    <div className="task-bar" role="toolbar" aria-label="办理操作">
      {primary && button(primary, true)}
      {near.map((action) => button(action, false))}
      {far.length > 0 && <More actions={far} run={run} />}
      <span className="task-bar-words">
        {detail.next_hint && <span>{detail.next_hint}</span>}
        <span role="status">{draftWords(draft)}</span>
      </span>
      {actions.some((one) => !one.enabled && one.reason) && (
        <ul className="task-why">
          {actions.filter((one) => !one.enabled && one.reason && (near.includes(one) || one === primary)).map((one) => (
            <li key={one.key} id={`why-${one.key}`}>{one.label}：{one.reason}</li>
          ))}
        </ul>
      )}
      {sendBack && <SendBackDialog open={dialog === "send_back"} task={task} action={sendBack} onClose={close} onDone={leave} />}
      <TransferDialog open={dialog === "transfer"} task={task} onClose={close} onDone={leave} />
      {(dialog === "ask" || dialog === "presign") && <AskDialog verb={dialog} task={task} onClose={close} onDone={stay} />}
      {dialog === "urge" && <UrgeDialog task={task} onClose={close} onDone={stay} />}
      {dialog === "jump" && jump && <JumpDialog task={task} action={jump} onClose={close} onDone={stay} />}
    </div>
  );
}

function More({ actions, run }: { actions: Action[]; run: (key: string) => void }) {
  return (
    <Dropdown
      trigger={["click"]} placement="topRight"
      menu={{
        items: actions.map((one) => ({
          key: one.key, disabled: !one.enabled,
          label: <span className="more-item">{one.label}{!one.enabled && one.reason && <small>{one.reason}</small>}</span>,
        })),
        onClick: ({ key }) => run(key),
      }}
    >
      <Button icon={<MoreOutlined />}>更多</Button>
    </Dropdown>
  );
}
