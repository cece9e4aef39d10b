/** 静默提醒: a day on which a village owed a word and gave none. The town telephones and writes down what it was. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Modal, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done, Page } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { day, when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { StateTag } from "./StateTag";
import type { AlarmRow } from "./types";

function Answer({ row, close, done }: { row: AlarmRow; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>("/coverage/alarms/answer");
  const send = () => write.mutate({ area: row.area, day: row.day, text: text.trim() }, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={`${row.place} ${day(row.day)}`} okText="登记" okButtonProps={{ disabled: text.trim().length < 2, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <Reason label="了解到的情况" value={text} onChange={setText} hint="如：电话核实，手机损坏，当日已走访 2 户" />
    </Modal>
  );
}

export function Alarms() {
  const address = useAddress();
  const client = useQueryClient();
  const [row, setRow] = useState<AlarmRow | null>(null);
  const { data, error } = useQuery({
    queryKey: ["coverage", "alarms", address.get("area"), address.page],
    queryFn: ({ signal }) => get<Page<AlarmRow>>("/coverage/alarms", { area: address.get("area"), page: address.page }, signal),
  });
  if (error) return <Problem error={error} />;
  if (!data) return <Skeleton active />;
  if (data.items.length === 0) return <Nothing title="没有待了解的静默" hint="工作日没有走访、线索或零报告的村（居），次日八时列在这里。" />;
  return (
    <>
      <ul className="plain-list alarm-rows">
        {data.items.map((one) => (
          <li key={one.area + one.day}>
            <span className="alarm-name"><a href={href("/coverage", { village: one.area })}><strong>{one.place}</strong></a> <span className="num">{day(one.day, { weekday: true })}</span></span>
            <StateTag state={one.state} label={one.label} />
            {one.last_sync && <span className="muted">最后同步 {when(one.last_sync)}</span>}
            <Button onClick={() => setRow(one)}>登记情况</Button>
          </li>
        ))}
      </ul>
      <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />
      {row && <Answer row={row} close={() => setRow(null)} done={() => { setRow(null); void client.invalidateQueries({ queryKey: ["coverage"] }); }} />}
    </>
  );
}
