/** The fields of a form in their order: chosen, moved with buttons or dragged, taken away. */
import { Button } from "antd";
import { useState, type DragEvent } from "react";
import type { Finding } from "../../api/types";
import { keyOf, kindOf, SHAPES, titleOf, type At, type Item } from "./model";

interface Props {
  items: Item[];
  base: At;
  chosen: At | undefined;
  findings: Finding[];
  editing: boolean;
  /** Is it known who reads what? Before that nothing is taken away. */
  known: boolean;
  onChoose: (at: At) => void;
  onMove: (from: At, to: At) => void;
  onRemove: (at: At) => void;
}

const text = (at: At): string => at.join(".");

export function ItemList(props: Props) {
  const { items, base, chosen, findings, editing, known, onChoose, onMove, onRemove } = props;
  const [over, setOver] = useState<number>();
  const drop = (event: DragEvent, index: number) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(undefined);
    const from = event.dataTransfer.getData("text/x-item");
    if (from) onMove(from.split(".").map(Number), [...base, index]);
  };
  const drag = (event: DragEvent, at: At) => {
    event.stopPropagation();
    event.dataTransfer.setData("text/x-item", text(at));
    event.dataTransfer.effectAllowed = "move";
  };
  return (
    <ol className="sheet-items">
      {items.map((item, index) => {
        const at = [...base, index];
        const kind = kindOf(item);
        const key = keyOf(item);
        const name = titleOf(item);
        const here = chosen !== undefined && text(chosen) === text(at);
        const wrong = findings.filter((one) => one.element === key && key).length;
        return (
          <li
            key={index} draggable={editing} className={over === index ? "sheet-over" : undefined} onDragStart={(event) => drag(event, at)}
            onDragOver={(event) => { event.preventDefault(); event.stopPropagation(); setOver(index); }} onDragLeave={() => setOver(undefined)} onDrop={(event) => drop(event, index)}
          >
            <div className={here ? "sheet-row sheet-here" : "sheet-row"}>
              <button type="button" aria-current={here} onClick={() => onChoose(at)}>
                <span className="sheet-name">{name}{item.validate?.required && <em>必填</em>}{item.conditional?.hide && <em>有条件</em>}{wrong > 0 && <em className="sheet-wrong">有误</em>}</span>
                <small>{kind ? SHAPES[kind].label : `不认识的组件 ${String(item.type)}`}{key && ` · ${key}`}</small>
              </button>
              {editing && (
                <>
                  <Button size="small" aria-label={`上移 ${name}`} disabled={index === 0} onClick={() => onMove(at, [...base, index - 1])}>↑</Button>
                  <Button size="small" aria-label={`下移 ${name}`} disabled={index === items.length - 1} onClick={() => onMove(at, [...base, index + 2])}>↓</Button>
                  <Button size="small" aria-label={`删除 ${name}`} disabled={!known} onClick={() => onRemove(at)}>×</Button>
                </>
              )}
            </div>
            {Array.isArray(item.components) && <ItemList {...props} items={item.components} base={at} />}
          </li>
        );
      })}
      {items.length === 0 && (
        <li className="sheet-empty" onDragOver={(event) => event.preventDefault()} onDrop={(event) => drop(event, 0)}>{base.length > 0 ? "里面还没有项目" : "还没有项目，在下方添加"}</li>
      )}
    </ol>
  );
}
