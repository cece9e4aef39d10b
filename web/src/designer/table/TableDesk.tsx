/** The decision tables of a file: edited with dmn-js, judged by our own linter at the cell, tried out at once. */
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./table.css";
import { Alert, Select } from "antd";
import { useEffect, useMemo, useState, type MouseEvent } from "react";
import type { TableSaid } from "../bench";
import type { Desk } from "../useDraft";
import { styleOf } from "./marks";
import { TryTable } from "./TryTable";
import { useTable } from "./useTable";

interface Props {
  id: string;
  desk: Desk;
  text: string;
  editing: boolean;
}

export default function TableDesk({ id, desk, text, editing }: Props) {
  const { box, manager, decisions, changes, problem, homes, shown, show } = useTable(text, editing);
  const [said, setSaid] = useState<TableSaid>();
  const { source, touch, focus, file, findings } = desk;
  useEffect(() => {
    if (!manager || !editing) return;
    source.current = async () => (changes > 0 ? (await manager.saveXML({ format: true })).xml : undefined);
    return () => {
      source.current = undefined;
    };
  }, [manager, editing, changes, source]);
  useEffect(() => {
    if (changes > 0) touch();
  }, [changes, touch]);
  useEffect(() => {
    if (!focus || !manager) return;
    const cell = homes.get(focus.element) ?? focus.element;
    // dmn-js draws after the table was opened
    const later = setTimeout(() => {
      const found = box.current?.querySelector<HTMLElement>(`[data-element-id="${CSS.escape(cell)}"], th[data-col-id="${CSS.escape(cell)}"]`);
      found?.scrollIntoView({ block: "center", inline: "center" });
      (found?.querySelector<HTMLElement>("[contenteditable]") ?? found)?.focus();
    }, 50);
    return () => clearTimeout(later);
    // a new focus, not a new drawing, moves the view
    // eslint-disable-next-line
  }, [focus, manager]);
  // The message below a cell's text is the cell as well.
  const inside = (event: MouseEvent<HTMLDivElement>) => {
    const cell = event.target as HTMLElement;
    if (cell.matches("td[data-element-id]")) cell.querySelector<HTMLElement>("[contenteditable]")?.focus();
  };
  const own = useMemo(() => findings.filter((one) => one.file === file), [findings, file]);
  const style = useMemo(() => styleOf(own, homes, said?.matched ?? []), [own, homes, said]);
  return (
    <div className="table-desk">
      <style>{style}</style>
      <div className="design-board">
        {decisions.length > 1 && (
          <Select aria-label="决策" value={shown} onChange={show} options={decisions.map((one) => ({ value: one.id, label: one.name }))} style={{ minInlineSize: 260, marginBlockEnd: 8 }} />
        )}
        {problem && <Alert type="error" showIcon title={problem} />}
        {editing && <p className="panel-hint">点单元格填写 FEEL；“-”或空着表示不限。行、列上点右键可添加、复制、删除；撤销 Ctrl+Z。列头点开写明读取什么。</p>}
        <div ref={box} onClick={inside} className="design-table" tabIndex={-1} role="group" aria-label="决策表" />
      </div>
      <TryTable id={id} desk={desk} decision={shown} onSaid={setSaid} />
    </div>
  );
}
