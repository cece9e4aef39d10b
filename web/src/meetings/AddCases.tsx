/** Which of the open appraisals in the meeting's area go on its agenda as well. */
import { useQuery } from "@tanstack/react-query";
import { Checkbox, Modal, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { DueTag } from "../common/lights";
import { Problem } from "../common/Problem";
import type { Waiting } from "./types";

export function AddCases({ area, close, add }: { area: string; close: () => void; add: (tasks: string[]) => void }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const { data, error } = useQuery({ queryKey: ["meetings", "waiting", area], queryFn: ({ signal }) => get<Waiting[]>("/meetings/waiting", { area }, signal), staleTime: 0 });
  const turn = (task: string, on: boolean) => setChosen(on ? [...chosen, task] : chosen.filter((one) => one !== task));
  return (
    <Modal open title="列入其他户" okText={`列入 ${chosen.length} 户`} okButtonProps={{ disabled: chosen.length === 0 }} onOk={() => add(chosen)} onCancel={close} destroyOnHidden>
      {error && <Problem error={error} />}
      {!data && !error && <Skeleton active />}
      {data?.length === 0 && <p className="muted">本辖区没有其他待评议的户。</p>}
      <ul className="plain-list">
        {data?.map((one) => (
          <li key={one.task} className="add-case">
            <Checkbox checked={chosen.includes(one.task)} onChange={(event) => turn(one.task, event.target.checked)}>{one.title}　<span className="muted">{one.place}{one.planned && " · 已单独组织，只待录入"}</span></Checkbox>
            <DueTag due={one.due} />
          </li>
        ))}
      </ul>
    </Modal>
  );
}
