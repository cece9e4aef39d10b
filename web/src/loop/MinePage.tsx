/** 我上报的: what became of each of my leads and why; and whether the household knows. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Modal, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done, Page } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { MyLead } from "./types";
import "../homes/homes.css";
import "../tasks/tasks.css";
import "../forms/forms.css";

function Fate({ lead }: { lead: MyLead }) {
  return (
    <>
      <span>
        {lead.conclusion ? <strong>结果：{lead.conclusion}</strong> : <span>{lead.state}</span>}
        {lead.closed_at && <span className="muted"> {when(lead.closed_at)} 办结</span>}
      </span>
      {lead.reason && <span>理由：{lead.reason}</span>}
      {lead.merged_into && <span className="muted">已并入线索 <span className="num">{lead.merged_into}</span>，结果随主线索</span>}
      {lead.told_at && <span className="muted">{when(lead.told_at)} 已告知家庭（{lead.told_how}）</span>}
    </>
  );
}

function Tell({ lead, close, done }: { lead: MyLead; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [how, setHow] = useState("");
  const write = useWrite<unknown, Done>(`/leads/${lead.number}/told`);
  const send = () => write.mutate({ how: how.trim() }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={`告知${lead.subject}家`} okText="登记告知" okButtonProps={{ disabled: how.trim() === "", loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <p>结果：{lead.conclusion}{lead.reason && `；理由：${lead.reason}`}</p>
      <div className="chips dialog-field">
        {["当面告知", "电话告知", "书面送达"].map((one) => <Button key={one} type={how === one ? "primary" : "default"} onClick={() => setHow(one)}>{one}</Button>)}
      </div>
      <Reason label="告知方式" value={how} onChange={setHow} hint="如：当面告知本人" />
    </Modal>
  );
}

export function MinePage() {
  const address = useAddress();
  const [telling, setTelling] = useState<MyLead | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["mine", address.page],
    queryFn: ({ signal }) => get<Page<MyLead>>("/leads/mine", { page: address.page }, signal),
  });
  return (
    <>
      <PageHead title="我上报的" hint="每条线索的结果和理由；办结后请告知家庭" />
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data?.items.length === 0 && <Nothing title="您还没有上报过线索" hint="上报后，办理结果和理由会显示在这里。" />}
      {data && data.items.length > 0 && (
        <ul className="plain-list cards">
          {data.items.map((lead) => (
            <li key={lead.number} className={`card ${lead.conclusion ? "card-normal" : ""}`}>
              <a href={href(`/cases/${lead.case_id}`)}><strong>{lead.subject}</strong> · {lead.cause}</a>
              <span className="muted">{lead.place} · {when(lead.discovered_at)} · <span className="num">{lead.number}</span></span>
              <Fate lead={lead} />
              {lead.may_tell && <span className="card-bottom"><span className="refused">尚未告知家庭</span><Button type="primary" onClick={() => setTelling(lead)}>登记告知</Button></span>}
            </li>
          ))}
        </ul>
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {telling && <Tell lead={telling} close={() => setTelling(null)} done={() => { setTelling(null); void refetch(); }} />}
    </>
  );
}
