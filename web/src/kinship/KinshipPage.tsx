/** 近亲属备案: who is related to which household; such people do nothing on the household's case. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, AutoComplete, Button, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { useMe, useRight } from "../app/session";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { SearchBox } from "../common/SearchBox";
import { day } from "../common/time";
import { useAddress } from "../common/useAddress";
import { ReferenceControl } from "../forms/fields/ReferenceControl";
import { Labelled, Who, WriteDialog } from "../organisation/dialogs";
import { ImportDialog } from "../organisation/ImportDialog";
import "../organisation/organisation.css";

interface Kin {
  person: string;
  name: string;
  household: string;
  head: string;
  place: string;
  relation: string;
  declared_on: string | null;
  declared_by: string | null;
  ended_on: string | null;
  may_end: boolean;
}

interface KinList {
  items: Kin[];
  relations: string[];
  basis: string | null;
}

export function KinshipPage() {
  const address = useAddress();
  const keeper = useRight("organise");
  const [open, setOpen] = useState<"declare" | "import" | Kin | null>(null);
  const q = address.get("q");
  const { data, error, refetch } = useQuery({ queryKey: ["kinship", q], placeholderData: keepPreviousData, queryFn: ({ signal }) => get<KinList>("/kinship", { q }, signal) });
  const close = () => setOpen(null);
  return (
    <>
      <PageHead title="近亲属备案" hint="有近亲属关系的人不能认领、填写、被指派或参加评议，系统自动拦下">
        {keeper && <Button onClick={() => setOpen("import")}>导入</Button>}
        <Button type="primary" onClick={() => setOpen("declare")}>登记备案</Button>
      </PageHead>
      {data?.basis && <Alert type="info" showIcon className="dialog-field" title={`依据：${data.basis}`} />}
      <div className="filters"><SearchBox label="工作人员或户主姓名" value={q} onChange={(next) => address.set({ q: next || undefined })} /></div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title={q ? "没有找到" : "还没有备案"} hint="工作人员与辖区内家庭有近亲属关系的，应当主动登记。" />}
      {data && data.items.length > 0 && <DataTable caption="近亲属备案" rows={data.items} rowKey={(one) => `${one.person} ${one.household}`} columns={columns(setOpen)} />}
      {open === "declare" && <Declare relations={data?.relations ?? []} close={close} />}
      {open === "import" && <ImportDialog title="导入近亲属备案" path="/kinship" columns="工作人员、户主、村（居）、关系" close={close} />}
      {open && typeof open === "object" && <End one={open} close={close} />}
    </>
  );
}

const columns = (setOpen: (one: Kin) => void): Column<Kin>[] => [
  { key: "name", label: "工作人员", render: (one) => <span className="nowrap">{one.name}</span> },
  { key: "head", label: "户主", render: (one) => <span className="nowrap">{one.head}</span> },
  { key: "place", label: "村（居）", render: (one) => one.place },
  { key: "relation", label: "关系", render: (one) => one.relation },
  { key: "declared", label: "备案", render: (one) => (one.declared_on ? `${day(one.declared_on, { year: true })}${one.declared_by ? ` · ${one.declared_by}` : ""}` : "—") },
  { key: "state", label: "状态", render: (one) => (one.ended_on ? <span className="muted">{day(one.ended_on, { year: true })} 终止</span> : "有效") },
  { key: "do", label: "操作", render: (one) => one.may_end && <Button size="small" onClick={() => setOpen(one)}>终止</Button> },
];

function Declare({ relations, close }: { relations: string[]; close: () => void }) {
  const me = useMe();
  const keeper = useRight("organise");
  const [person, setPerson] = useState<string | null>(keeper ? null : me.id);
  const [household, setHousehold] = useState<string | null>(null);
  const [relation, setRelation] = useState("");
  return (
    <WriteDialog title="登记近亲属备案" okText="登记" path="/kinship" ready={Boolean(person && household && relation.trim())} close={close} body={() => ({ person, household, relation: relation.trim() })}>
      {keeper ? <Who label="工作人员" value={person} onChange={setPerson} /> : <p>工作人员：{me.name}（本人）</p>}
      <Labelled label="哪一户" id="kin-household">
        <ReferenceControl id="kin-household" kind="reference" component={{ type: "textfield", label: "哪一户", properties: { of: "household" } }} value={household} onChange={setHousehold} disabled={false} describedBy={undefined} invalid={false} />
      </Labelled>
      <Labelled label="关系" id="kin-relation">
        <AutoComplete id="kin-relation" className="field-select" aria-label="关系" value={relation} onChange={setRelation} options={relations.map((value) => ({ value }))} placeholder="选择或填写" />
      </Labelled>
    </WriteDialog>
  );
}

function End({ one, close }: { one: Kin; close: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <WriteDialog title={`终止备案：${one.name}与${one.head}户`} okText="终止" danger path="/kinship/end" ready={reason.trim().length >= 2} close={close} body={() => ({ person: one.person, household: one.household, reason: reason.trim() })}>
      <Reason value={reason} onChange={setReason} hint="如：登记有误" />
      <p className="muted">终止后不再自动拦下；记录保留。</p>
    </WriteDialog>
  );
}
