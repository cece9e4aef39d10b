/** A decision table on the screen: to be edited, or – for who may not edit – to be looked at. */
import Modeler from "dmn-js/lib/Modeler";
import Viewer from "dmn-js/lib/Viewer";
import { useEffect, useRef, useState, type RefObject } from "react";
import { zh } from "./zh";

export interface Shown {
  /** Id of the decision. */
  id: string;
  name: string;
}

interface State {
  box: RefObject<HTMLDivElement | null>;
  manager: Modeler | undefined;
  decisions: Shown[];
  /** Grows with every change. */
  changes: number;
  problem: string;
  /** Expression id → id of the cell that shows it. */
  homes: Map<string, string>;
  shown: string | undefined;
  show: (decision: string) => void;
}

const VIEW = { additionalModules: [zh] };
const OPTIONS = { decisionTable: VIEW, literalExpression: VIEW, boxedExpression: VIEW, drd: { additionalModules: [{ translate: zh.translate }] }, common: { debounceInput: false } };

function homesOf(manager: Modeler): Map<string, string> {
  const found = new Map<string, string>();
  for (const element of manager.getDefinitions().drgElement ?? []) {
    for (const column of element.decisionLogic?.input ?? []) if (column.inputExpression?.id) found.set(column.inputExpression.id, column.id);
    for (const column of element.decisionLogic?.output ?? []) if (column.defaultOutputEntry?.id) found.set(column.defaultOutputEntry.id, column.id);
  }
  return found;
}

export function useTable(text: string, editing: boolean): State {
  const box = useRef<HTMLDivElement>(null);
  const [manager, setManager] = useState<Modeler>();
  const [decisions, setDecisions] = useState<Shown[]>([]);
  const [shown, setShown] = useState<string>();
  const [changes, setChanges] = useState(0);
  const [problem, setProblem] = useState("");
  const [homes, setHomes] = useState(new Map<string, string>());
  const first = useRef(text);
  useEffect(() => {
    if (!box.current) return;
    let gone = false;
    delete document.body.dataset.ready;
    const made = new (editing ? Modeler : Viewer)({ container: box.current, ...OPTIONS });
    void made
      .importXML(first.current, { open: false })
      .then(() => {
        if (gone) return;
        const views = made.getViews().filter((one) => one.type !== "drd");
        setDecisions(views.map((one) => ({ id: one.element.id ?? "", name: one.element.name ?? one.element.id ?? "" })));
        setHomes(homesOf(made));
        setManager(made);
        if (views[0]) setShown(views[0].element.id);
        else setProblem("这个文件里没有决策表。");
      })
      .catch((error: Error) => !gone && setProblem(`决策表打不开：${error.message}`));
    return () => {
      gone = true;
      setManager(undefined);
      made.destroy();
    };
  }, [editing]);
  useEffect(() => {
    const view = manager?.getViews().find((one) => one.type !== "drd" && one.element.id === shown);
    if (!manager || !view) return;
    let gone = false;
    void manager.open(view).then(() => {
      if (gone) return;
      const viewer = manager.getActiveViewer();
      const changed = () => {
        if (gone) return;
        setChanges((n) => n + 1);
        setHomes(homesOf(manager));
      };
      viewer?.get("eventBus").on("commandStack.changed", changed);
      document.body.dataset.ready = "table";
    }).catch((error: Error) => !gone && setProblem(`决策表打不开：${error.message}`));
    return () => {
      gone = true;
    };
  }, [manager, shown]);
  return { box, manager, decisions, changes, problem, homes, shown, show: setShown };
}
