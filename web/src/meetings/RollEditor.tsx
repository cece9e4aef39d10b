/** 应到与实到: who was asked, as what, and who came. Several names are added at once; staff are picked, so that kin are known by person. */
import { DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { get } from "../api/client";
import type { Person } from "../api/types";
import { personLabel } from "../forms/fields/PersonControl";
import { namesIn, participant } from "./draft";
import type { RollEntry } from "./types";

interface Props {
  roll: RollEntry[];
  roles: Record<string, string>;
  editable: boolean;
  onChange: (roll: RollEntry[]) => void;
  errors: Record<string, string>;
}

export function RollEditor({ roll, roles, editable, onChange, errors }: Props) {
  const put = (key: string, change: Partial<RollEntry>) => onChange(roll.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const came = roll.filter((one) => one.present);
  const by = Object.entries(roles).map(([role, label]) => ({ label, count: came.filter((one) => one.role === role).length })).filter((one) => one.count > 0);
  return (
    <section className="panel" aria-labelledby="roll-head">
      <div className="row meeting-section-head">
        <h2 id="roll-head">到会人员</h2>
        <span className="muted">应到 {roll.length}，实到 <strong>{came.length}</strong>{by.length > 0 && `（${by.map((one) => `${one.label} ${one.count}`).join("，")}）`}</span>
        {editable && roll.length > 0 && <Button size="small" onClick={() => onChange(roll.map((one) => ({ ...one, present: true })))}>全部到会</Button>}
      </div>
      {errors.roll && <p className="field-error" role="alert">■ {errors.roll}</p>}
      <ul className="plain-list roll" aria-label="名册">
        {roll.map((one, index) => (
          <li key={one.key} className={one.present ? "" : "roll-away"}>
            <Checkbox checked={one.present} disabled={!editable} onChange={(event) => put(one.key, { present: event.target.checked })}>
              {one.name}<span className="sr-only">到会</span>
            </Checkbox>
            <span className="roll-role">
              {editable
                ? <Select size="small" aria-label={`${one.name}的身份`} value={one.role} options={Object.entries(roles).map(([value, label]) => ({ value, label }))} onChange={(role) => put(one.key, { role })} popupMatchSelectWidth={false} />
                : roles[one.role] ?? one.role}
            </span>
            {editable && <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`删除${one.name}`} onClick={() => onChange(roll.filter((other) => other.key !== one.key))} />}
            {(errors[`roll[${index}].name`] ?? errors[`roll[${index}].role`]) && <span className="field-error">{errors[`roll[${index}].name`] ?? errors[`roll[${index}].role`]}</span>}
          </li>
        ))}
      </ul>
      {roll.length === 0 && <p className="muted">还没有应到人员。</p>}
      {editable && <Add roll={roll} roles={roles} onChange={onChange} />}
    </section>
  );
}

function Add({ roll, roles, onChange }: Pick<Props, "roll" | "roles" | "onChange">) {
  const [text, setText] = useState("");
  const [role, setRole] = useState(Object.keys(roles).includes("resident") ? "resident" : Object.keys(roles)[0]);
  const fresh = namesIn(text).filter((name) => !roll.some((one) => one.name === name));
  const add = () => {
    onChange([...roll, ...fresh.map((name) => participant(name, role))]);
    setText("");
  };
  const staff = (person: Person) => {
    if (!roll.some((one) => one.person === person.id)) onChange([...roll, participant(person.name, "town", person.id)]);
  };
  return (
    <div className="roll-add">
      <label className="roll-names">
        <span>村（居）民代表、党员、熟悉情况的群众等（可一次填多人，用顿号或换行隔开）</span>
        <Input.TextArea value={text} autoSize={{ minRows: 1, maxRows: 5 }} onChange={(event) => setText(event.target.value)} />
      </label>
      <Select aria-label="以什么身份加入" value={role} options={Object.entries(roles).map(([value, label]) => ({ value, label }))} onChange={setRole} popupMatchSelectWidth={false} />
      <Button onClick={add} disabled={fresh.length === 0}>加入{fresh.length > 1 ? ` ${fresh.length} 人` : ""}</Button>
      <div className="roll-staff">
        <label htmlFor="roll-staff">镇（街）工作人员（按人登记，回避自动核对）</label>
        <StaffPicker onPick={staff} />
      </div>
    </div>
  );
}

function StaffPicker({ onPick }: { onPick: (person: Person) => void }) {
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const { data = [], isFetching } = useQuery({ queryKey: ["people", "", q], queryFn: ({ signal }) => get<Person[]>("/people", { q }, signal), placeholderData: (before) => before });
  return (
    <Select<string>
      id="roll-staff" className="field-select" aria-label="镇（街）工作人员" value={null} placeholder="输入姓名查找" loading={isFetching}
      showSearch={{ filterOption: false, onSearch: setText, searchValue: text }} notFoundContent="没有找到这位工作人员"
      options={data.map((one) => ({ value: one.id, label: personLabel(one) }))}
      onChange={(id) => {
        const person = data.find((one) => one.id === id);
        if (person) onPick(person);
        setText("");
      }}
    />
  );
}
