/** 办理设置 of a user task: who does it and what decides that, with whom, with which form, by when. */
import { Alert, Button, InputNumber, Select } from "antd";
import { find, property, type Hand, type Shape } from "./elements";
import { Choice, Expression, Row, Text } from "./fields";
import { computed, misfits, recuse, recused, routing, split, whoInWords, type Vocabulary } from "./words";
import { CLEAR } from "../common/clear";

export interface Part {
  chosen: Shape;
  hand: Hand;
  words: Vocabulary;
}

/** What the task says itself and what its lane says. */
function routes(chosen: Shape, hand: Hand) {
  const of = chosen.businessObject;
  const lane = hand.lane(chosen);
  const assignment = find(of, "zeebe:AssignmentDefinition");
  const own = { tier: property(of, "tier"), posts: (assignment?.candidateGroups as string | undefined) ?? property(of, "post") };
  const around = { tier: property(lane, "tier"), posts: property(lane, "post") };
  return { own, around, lane, assignment, route: routing(own, around) };
}

export function TaskSettings({ chosen, hand, words }: Part) {
  const of = chosen.businessObject;
  const together = property(of, "together") ?? "1";
  return (
    <>
      <Who chosen={chosen} hand={hand} words={words} />
      <Row label="几人共同办理">
        <InputNumber
          aria-label="几人共同办理" min={1} max={5} precision={0} value={together.startsWith("=") ? null : Number(together)} placeholder={together}
          onChange={(n) => hand.properties(chosen, { together: n && n > 1 ? String(n) : undefined })}
        />
      </Row>
      <Recuse chosen={chosen} hand={hand} />
      <FormChoice chosen={chosen} hand={hand} words={words} />
      <Term chosen={chosen} hand={hand} words={words} />
      <Text label="按钮文字" value={property(of, "verb")} max={6} onWrite={(text) => hand.properties(chosen, { verb: text.trim() || undefined })} />
      <StageChoice chosen={chosen} hand={hand} words={words} />
    </>
  );
}

function Who({ chosen, hand, words }: Part) {
  const { own, around, lane, assignment, route } = routes(chosen, hand);
  const wrong = misfits(words, route.tier, route.posts);
  const laneName = lane?.name ?? "没有泳道";
  const inner = hand.get(chosen.businessObject.$parent?.id ?? "")?.businessObject;
  const source = hand.laned(chosen) ? `泳道「${laneName}」` : `「${inner?.name ?? "所在子流程"}」所在的泳道「${laneName}」`;
  const setPosts = (posts: string | undefined) => {
    const rest = assignment?.assignee as string | undefined;
    hand.extension(chosen, "zeebe:AssignmentDefinition", posts || rest ? { assignee: rest, candidateGroups: posts } : null);
    if (property(chosen.businessObject, "post")) hand.properties(chosen, { post: undefined });
  };
  const follow = () => {
    setPosts(undefined);
    hand.properties(chosen, { tier: undefined, post: undefined });
  };
  const overrides = [route.ownTier && own.tier !== around.tier ? "层级" : "", route.ownPosts ? "岗位" : ""].filter(Boolean).join("和");
  const fitting = words.posts.filter((one) => !route.tier || computed(route.tier) || one.tiers.includes(route.tier) || split(own.posts).includes(one.value));
  return (
    <>
      <div className="panel-who" role="status">
        <strong>谁办：</strong>
        {whoInWords(words, route.tier, route.posts)}
        <p>{overrides ? `本环节自己写明了${overrides}，盖过${source}。` : `按${source}。`}</p>
        {assignment?.assignee && <p>先派给表达式所指的人，空缺时由上述岗位认领。</p>}
      </div>
      {wrong.length > 0 && (
        <Alert
          type="error" showIcon style={{ marginBlockEnd: 10 }}
          title={`${wrong.join("、")}不在${words.tiers.find((one) => one.value === route.tier)?.label ?? route.tier}任职，任务无人可办。`}
        />
      )}
      {(route.ownTier || route.ownPosts) && lane && <Button className="panel-follow" onClick={follow}>改为随泳道</Button>}
      {hand.moves(chosen) && hand.lanes().length > 1 && (
        <Row label="泳道">
          <Select
            aria-label="泳道" value={lane?.id} onChange={(to: string) => hand.moveTo(chosen, to)} style={{ inlineSize: "100%" }}
            options={hand.lanes().map((one) => ({ value: one.id, label: one.businessObject.name || one.id }))}
          />
        </Row>
      )}
      {computed(own.tier) ? (
        <Expression label="层级（表达式）" value={own.tier} onWrite={(text) => hand.properties(chosen, { tier: text || undefined })} />
      ) : (
        <Choice label="层级" value={own.tier} from={words.tiers} placeholder="随泳道" onWrite={(tier) => hand.properties(chosen, { tier })} />
      )}
      {computed(own.posts) ? (
        <Expression label="岗位（表达式）" value={own.posts} onWrite={(text) => setPosts(text || undefined)} />
      ) : (
        <Row label="岗位">
          <Select
            mode="multiple" aria-label="岗位" value={split(own.posts)} placeholder="随泳道" optionFilterProp="label" style={{ inlineSize: "100%" }} allowClear={CLEAR}
            onChange={(posts: string[]) => setPosts(posts.join(",") || undefined)} options={fitting.map(({ value, label }) => ({ value, label }))}
          />
        </Row>
      )}
      {assignment?.assignee && (
        <Expression
          label="先派给（表达式）" value={assignment.assignee as string}
          onWrite={(text) => hand.extension(chosen, "zeebe:AssignmentDefinition", text || own.posts ? { assignee: text || undefined, candidateGroups: own.posts } : null)}
        />
      )}
    </>
  );
}

function Recuse({ chosen, hand }: Omit<Part, "words">) {
  const text = property(chosen.businessObject, "recuse");
  const listed = recused(text);
  const write = (value: string | undefined) => hand.properties(chosen, { recuse: value });
  if (!listed) return <Expression label="回避（表达式）" value={text} hint="算出的人不得办理本环节" onWrite={(next) => write(next || undefined)} />;
  const others = hand.named((one) => one.type === "bpmn:UserTask" && one !== chosen);
  const foreign = listed.filter((id) => !others.some((one) => one.value === id)).map((id) => ({ value: id, label: `${id}（其他流程）` }));
  return (
    <Row label="回避" hint="办过所选环节的人不得办理本环节">
      <Select
        mode="multiple" aria-label="回避" value={listed} placeholder="不需回避" optionFilterProp="label" style={{ inlineSize: "100%" }}
        onChange={(elements: string[]) => write(recuse(elements))} options={[...others, ...foreign]}
      />
    </Row>
  );
}

export function FormChoice({ chosen, hand, words }: Part) {
  const form = find(chosen.businessObject, "zeebe:FormDefinition");
  return (
    <Choice
      label="表单" value={form?.formId as string | undefined} from={words.forms} placeholder="没有表单"
      onWrite={(formId) => hand.extension(chosen, "zeebe:FormDefinition", formId ? { formId } : null)}
    />
  );
}

export function Term({ chosen, hand, words }: Part) {
  const term = property(chosen.businessObject, "term");
  const several = split(term).length > 1;
  const write = (value: string | undefined) => hand.properties(chosen, { term: value });
  if (computed(term) || several) {
    return <Text label="时限（表达式）" value={term} rows={1} hint="结果须是时限的代码" onWrite={(text) => write(text.trim() || undefined)} />;
  }
  return (
    <Choice
      label="时限" value={term} from={words.terms} placeholder="没有时限" onWrite={write}
      hint={term && words.terms.find((one) => one.value === term)?.hint ? `依据：${words.terms.find((one) => one.value === term)?.hint}` : undefined}
    />
  );
}

export function StageChoice({ chosen, hand, words }: Part) {
  return <Choice label="所属阶段" value={property(chosen.businessObject, "stage")} from={words.stages} placeholder="随上级" onWrite={(stage) => hand.properties(chosen, { stage })} />;
}
