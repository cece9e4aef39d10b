/** 办理设置 of everything that is no user task: jobs, tables, calls, conditions, timers. */
import { Checkbox } from "antd";
import { called, find, type Moddle } from "./elements";
import { Choice, Expression, Text } from "./fields";
import { FormChoice, StageChoice, Term, type Part } from "./TaskSettings";

const JOBS = ["bpmn:ServiceTask", "bpmn:SendTask"];
const DECIDES = ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway"];
const TIMES = { timeDate: "到这个时刻", timeDuration: "过这么久", timeCycle: "每隔这么久" } as const;

export function OtherSettings(part: Part) {
  const { type } = part.chosen;
  return (
    <>
      {JOBS.includes(type) && <JobSettings {...part} />}
      {type === "bpmn:BusinessRuleTask" && <DecisionSettings {...part} />}
      {type === "bpmn:CallActivity" && <CallSettings {...part} />}
      {type === "bpmn:SequenceFlow" && <FlowSettings {...part} />}
      {type === "bpmn:StartEvent" && part.chosen.businessObject.$parent?.$type === "bpmn:Process" && <FormChoice {...part} />}
      {find(part.chosen.businessObject, "zeebe:FormDefinition") && type !== "bpmn:StartEvent" && <FormChoice {...part} />}
      {type === "bpmn:SubProcess" && <Term {...part} />}
      {/Task$|Activity$|SubProcess$/.test(type) && <StageChoice {...part} />}
      <TimerSettings {...part} />
    </>
  );
}

function JobSettings({ chosen, hand, words }: Part) {
  const definition = find(chosen.businessObject, "zeebe:TaskDefinition");
  const write = (changes: Record<string, unknown>) => hand.extension(chosen, "zeebe:TaskDefinition", { type: definition?.type, retries: definition?.retries ?? "3", ...changes });
  const jobs = words.jobs.map((one) => ({ ...one, label: one.label === one.value ? one.value : `${one.label}（${one.value}）`, hint: one.hint ? `用于：${one.hint}` : "" }));
  return (
    <>
      <Choice label="后台作业" value={definition?.type as string | undefined} from={jobs} clear={false} onWrite={(type) => write({ type })} />
      <Text label="失败后重试次数" value={definition?.retries as string | undefined} onWrite={(retries) => write({ retries: retries.trim() || "3" })} />
    </>
  );
}

function DecisionSettings({ chosen, hand, words }: Part) {
  const called = find(chosen.businessObject, "zeebe:CalledDecision");
  const write = (changes: Record<string, unknown>) =>
    hand.extension(chosen, "zeebe:CalledDecision", { decisionId: called?.decisionId, resultVariable: called?.resultVariable ?? "result", ...changes });
  return (
    <>
      <Choice label="决策表" value={called?.decisionId as string | undefined} from={words.decisions} clear={false} onWrite={(decisionId) => write({ decisionId })} />
      <Text label="结果存入变量" value={called?.resultVariable as string | undefined} onWrite={(text) => write({ resultVariable: text.trim() || "result" })} />
    </>
  );
}

function CallSettings({ chosen, hand, words }: Part) {
  const called = find(chosen.businessObject, "zeebe:CalledElement");
  const id = called?.processId as string | undefined;
  if (id?.startsWith("=")) {
    return <Expression label="调用的流程（表达式）" value={id} onWrite={(processId) => hand.extension(chosen, "zeebe:CalledElement", { processId })} />;
  }
  return (
    <Choice
      label="调用的流程" value={id} from={words.processes} clear={false}
      onWrite={(processId) => hand.extension(chosen, "zeebe:CalledElement", called ? { processId } : { processId, propagateAllChildVariables: false })}
    />
  );
}

function FlowSettings({ chosen, hand, words }: Part) {
  const of = chosen.businessObject;
  const source: Moddle | undefined = of.sourceRef;
  const decides = DECIDES.includes(source?.$type ?? "");
  const isDefault = source?.default === of;
  return (
    <>
      <p className="panel-who">{`从「${called(source)}」到「${called(of.targetRef as Moddle)}」`}</p>
      {decides && (
        <div className="panel-row">
          <Checkbox checked={isDefault} onChange={(event) => hand.makeDefault(chosen, event.target.checked)}>默认出口（其他条件都不成立时走这里）</Checkbox>
        </div>
      )}
      {!isDefault && (
        <Expression
          label="条件" value={of.conditionExpression?.body as string | undefined}
          hint={`FEEL 表达式，如 =urgency <= 2。可用函数：${words.functions.map((one) => one.label).join("、")}`}
          onWrite={(text) => hand.condition(chosen, text || undefined)}
        />
      )}
    </>
  );
}

function TimerSettings({ chosen, hand }: Part) {
  const timer: Moddle | undefined = chosen.businessObject.eventDefinitions?.find((one: Moddle) => one.$type === "bpmn:TimerEventDefinition");
  if (!timer) return null;
  const kind = (Object.keys(TIMES) as (keyof typeof TIMES)[]).find((one) => timer[one]);
  if (!kind) return <p className="panel-hint">还没有写明定时，请在图上选定时器类型后填写。</p>;
  return <Expression label={`定时：${TIMES[kind]}`} value={timer[kind].body as string} onWrite={(body) => hand.moddle(chosen, timer[kind] as Moddle, { body })} />;
}
