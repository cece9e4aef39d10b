/** 关联户册: which household of the register it is that receives this, with the reason; done again, it is put right. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Modal, Radio, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { useWrite } from "../api/queries";
import { Reason } from "../common/Reason";
import { SearchBox } from "../common/SearchBox";
import type { HomeOffered, RecognitionRow } from "./types";
import "../forms/forms.css";

function Home({ one }: { one: HomeOffered }) {
  return (
    <span className="link-home">
      <strong>{one.head}户</strong> {one.place}{one.number && `第 ${one.number} 户`}{!one.fits && <span className="muted">（无人叫此姓名）</span>}
      <span className="muted">{[one.address, one.members.length > 0 && `成员 ${one.members.join("、")}`].filter(Boolean).join("；") || "没有住址和成员"}</span>
    </span>
  );
}

export function LinkDialog({ row, close }: { row: RecognitionRow; close: () => void }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const path = `/recognitions/${encodeURIComponent(row.application_no)}/household`;
  const [q, setQ] = useState("");
  const [household, setHousehold] = useState<string>();
  const [reason, setReason] = useState("");
  const { data: offered } = useQuery({ queryKey: ["link-homes", row.application_no, q], queryFn: () => get<HomeOffered[]>(`${path}s`, { q }), gcTime: 0 });
  const write = useWrite<unknown, { message: string }>(path);
  const choices = offered?.filter((one) => one.id !== row.household);
  const send = () => write.mutate({ household, reason, was: row.household }, {
    onSuccess: (answer) => {
      for (const key of ["recognitions", "recognition", "register"]) void client.invalidateQueries({ queryKey: [key] });
      void message.success(answer.message, 5);
      close();
    },
  });
  const ready = Boolean(choices?.some((one) => one.id === household)) && reason.trim().length > 1;
  return (
    <Modal open title={`关联户册：${row.title}（${row.programme_name}）`} okText="关联" okButtonProps={{ disabled: !ready, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden width={640}>
      <div className="stack form-dialog">
        <p className="muted">{row.household ? "原关联有误的，改为关联另一户；两户的变更记录都会保留。" : "认定时没有对上户册：没有登记，或有同名户。"}请核对证件、住址后选定；走访、复核和发放账户从此按这一户。</p>
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} />}
        <SearchBox value={q} label="户主姓名或户编号（本镇街）" onChange={setQ} />
        {!choices && <Skeleton active paragraph={{ rows: 2 }} />}
        {choices?.length === 0 && <p className="muted">{q ? "没有找到，请换一个姓名或户编号。" : "没有同名的户，请按户主姓名或户编号查找。"}</p>}
        {choices && choices.length > 0 && (
          <Radio.Group aria-label="户" className="link-homes" value={household} onChange={(event) => setHousehold(event.target.value as string)}>
            {choices.map((one) => <Radio key={one.id} value={one.id}><Home one={one} /></Radio>)}
          </Radio.Group>
        )}
        <Reason value={reason} onChange={setReason} hint="如：核对证件和住址，系村西头的一户" />
      </div>
    </Modal>
  );
}
