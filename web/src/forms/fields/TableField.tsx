/** A table of a form: one card per row on a phone, one line per row where there is room. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo, useState, type CSSProperties } from "react";
import type { Value } from "../../api/types";
import { Components, useScope } from "../FormView";
import { fieldId, getIn, isCarried, labelOf, pathText, type Component, type Path, type Values } from "../model";

/** What is small enough to stand beside others in one line of a wide screen. */
const SHARES: Record<string, string> = {
  textfield: "minmax(7em, 1.5fr)", select: "minmax(10.5em, 1.5fr)", number: "minmax(5em, 1fr)",
  radio: "max-content", checkbox: "max-content", datetime: "minmax(9em, 1fr)",
};

/** The columns people see, and whether they stand in one line; there a text may be longer than its column. */
function laidOut(all: Component[]): { columns: Component[]; oneLine: boolean } {
  const shown = all.filter((one) => !isCarried(one));
  const oneLine = shown.length <= 4 && shown.every((one) => one.type in SHARES && (one.values?.length ?? 0) <= (one.type === "radio" ? 3 : 99));
  return { columns: oneLine ? shown.map((one) => (one.type === "textfield" ? { ...one, wraps: true } : one)) : shown, oneLine };
}

/** Two columns of text nobody changes are not fields but something to read: name and text, line by line. */
function isReading(component: Component, columns: Component[]): boolean {
  return Boolean(component.readonly) && columns.length === 2 && columns.every((one) => one.readonly && one.type === "textfield");
}

function Reading({ rows, columns }: { rows: Value[]; columns: Component[] }) {
  const [name, text] = columns.map((one) => one.key ?? "");
  return (
    <dl className="form-reading">
      {rows.map((row, index) => <div key={index}><dt>{String(row?.[name] ?? "")}</dt><dd>{String(row?.[text] ?? "")}</dd></div>)}
    </dl>
  );
}

interface Props {
  component: Component;
  path: Path;
  values: Values;
}

export function TableField({ component, path, values }: Props) {
  const { change, disabled, errors } = useScope();
  const [said, setSaid] = useState("");
  const given: Value = getIn(values, path);
  const rows: Value[] = Array.isArray(given) ? given : [];
  const label = labelOf(component);
  const id = fieldId(path);
  const error = errors[pathText(path)];
  const fixed = disabled || component.disabled || component.readonly || component.allowAddRemove === false;
  const { columns, oneLine } = useMemo(() => laidOut(component.components ?? []), [component.components]);
  const add = () => {
    change(path, [...rows, {}]);
    setSaid(`已添加第 ${rows.length + 1} 行`);
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`#${CSS.escape(`${id}-row-${rows.length}`)} :is(input, textarea)`)?.focus();
    });
  };
  const remove = (index: number) => {
    change(path, rows.filter((_, at) => at !== index));
    setSaid(`已删除第 ${index + 1} 行`);
    document.getElementById(`${id}-add`)?.focus();
  };
  return (
    <fieldset className={`field field-wide form-table${error ? " field-wrong" : ""}`} id={id} tabIndex={-1}>
      <legend className="field-label">
        {label}
        {component.validate?.required && !component.readonly && <span className="field-required">必填</span>}
      </legend>
      {component.description && <p className="field-help">{component.description}</p>}
      {rows.length === 0 && <p className="muted form-table-none">还没有填写。</p>}
      {isReading(component, columns) && <Reading rows={rows} columns={columns} />}
      {!isReading(component, columns) && rows.map((_, index) => (
        <div className={`form-table-row${oneLine ? " form-table-line" : ""}`} key={index} id={`${id}-row-${index}`} role="group" aria-label={`${label} 第 ${index + 1} 行`}>
          <div className="form-table-head">
            <strong>第 {index + 1} 行</strong>
            {!fixed && (
              <Button type="text" danger icon={<DeleteOutlined />} onClick={() => remove(index)} aria-label={`删除${label}第 ${index + 1} 行`}>
                <span className="form-table-remove">删除</span>
              </Button>
            )}
          </div>
          <div className="form-grid" style={oneLine ? { "--columns": columns.map((one) => SHARES[one.type]).join(" ") } as CSSProperties : undefined}>
            <Components components={columns} values={values} base={[...path, index]} />
          </div>
        </div>
      ))}
      {!fixed && (
        <Button id={`${id}-add`} icon={<PlusOutlined />} onClick={add} block type="dashed">
          添加一行{label}
        </Button>
      )}
      {error && <p className="field-error"><span aria-hidden="true">■ </span>{error}</p>}
      <span className="sr-only" role="status">{said}</span>
    </fieldset>
  );
}
