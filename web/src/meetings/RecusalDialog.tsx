/** 回避: relatives on the register are out by themselves; others with an interest are entered here, with the reason. */
import { Input, Modal, Select } from "antd";
import { useState } from "react";
import type { ItemDraft } from "./draft";
import type { Recusal, RollEntry } from "./types";

interface Props {
  title: string;
  roll: RollEntry[];
  automatic: Recusal[];
  byHand: ItemDraft["recused"];
  save: (recused: ItemDraft["recused"]) => void;
  close: () => void;
}

export function RecusalDialog({ title, roll, automatic, byHand, save, close }: Props) {
  const [chosen, setChosen] = useState(byHand);
  const out = new Set(automatic.map((one) => one.key));
  const name = (key: string) => roll.find((one) => one.key === key)?.name ?? "";
  const pick = (keys: string[]) => setChosen(keys.map((key) => chosen.find((one) => one.key === key) ?? { key, why: "与该户有利害关系" }));
  const ready = chosen.every((one) => one.why.trim().length >= 2);
  return (
    <Modal open title={`${title}：谁须回避`} okText="确定" okButtonProps={{ disabled: !ready }} onOk={() => save(chosen)} onCancel={close} destroyOnHidden>
      <div className="stack">
        {automatic.length > 0 && <p>系统按近亲属备案和户籍已划出：{automatic.map((one) => `${one.name}（${one.why}）`).join("、")}。</p>}
        <div>
          <label htmlFor="recusal-people">其他须回避的到会人员</label>
          <Select id="recusal-people" mode="multiple" className="field-select" aria-label="其他须回避的到会人员" value={chosen.map((one) => one.key)} onChange={pick} optionFilterProp="label" options={roll.filter((one) => !out.has(one.key)).map((one) => ({ value: one.key, label: one.name }))} />
        </div>
        {chosen.map((one) => (
          <label key={one.key} className="dialog-field">
            <span>{name(one.key)}回避的原因</span>
            <Input value={one.why} maxLength={200} onChange={(event) => setChosen(chosen.map((other) => (other.key === one.key ? { ...other, why: event.target.value } : other)))} />
          </label>
        ))}
      </div>
    </Modal>
  );
}
