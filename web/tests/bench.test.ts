/** What the bench says in words, and the files of a draft. */
import { describe, expect, it } from "vitest";
import type { TableSaid, TryPlayed } from "../src/designer/bench";
import { asOver, blank, present, titleOf } from "../src/designer/files";
import { styleOf } from "../src/designer/table/marks";
import { becauseOf, resultOf } from "../src/designer/table/words";
import { durationInWords, given, lineInWords, stepInWords, until } from "../src/designer/walk/trial";
import { marksOf } from "../src/designer/walk/useMarks";

describe("files of a draft", () => {
  const files = [{ name: "a.bpmn", text: "<x/>" }, { name: "b.form", text: '{"properties":{"title":"走访"}}' }, { name: "README.md", text: "# 包" }];
  it("are those on the screen, those with an editor only", () => {
    expect(present(files, { "c.dmn": "<d/>", "a.bpmn": null }).map((one) => one.name)).toEqual(["b.form", "c.dmn"]);
  });
  it("are sent as texts and names taken away; what was never saved is simply not sent", () => {
    expect(asOver({ "a.bpmn": null, "new.form": null, "b.form": "{}" }, files)).toEqual({ files: [{ name: "b.form", text: "{}" }], removed: ["a.bpmn"] });
  });
  it("are called by their titles", () => {
    expect(titleOf(files[1])).toBe("走访");
    expect(titleOf({ name: "x.form", text: "{" })).toBe("x.form");
    expect(titleOf({ name: "t.dmn", text: '<definitions name="n"><decision id="d" name="甲 &amp; 乙"/></definitions>' })).toBe("甲 & 乙");
  });
  it("begin with what the engine can run", () => {
    expect(JSON.parse(blank("form", "visit", "走访").text)).toMatchObject({ id: "visit", type: "default", components: [] });
    expect(blank("dmn", "level", 'a"<b').text).toContain('name="a&quot;&lt;b"');
  });
});

describe("a decision in words", () => {
  const said: TableSaid = {
    value: "{urgency: 1}", errors: [], matched: ["r1"],
    explained: [{
      table: "t", inputs: [{ label: "危及生命", expression: "x", value: "true" }],
      rules: [{ rule: "r1", number: 1, note: "先拨打 120", tests: [{ label: "危及生命", test: "true", value: "true" }], outputs: [{ label: "紧急程度", value: "1" }] }],
    }],
  };
  it("says the result and why", () => {
    expect(resultOf(said)).toBe("紧急程度：1");
    expect(becauseOf(said)).toEqual(["读到：危及生命 = 是。", "第 1 行成立（先拨打 120）：“危及生命”为 是，符合 true。"]);
  });
  it("says when no row held", () => {
    const none = { ...said, value: "null", explained: [{ ...said.explained[0], rules: [] }] };
    expect(resultOf(none)).toBe("空值（没有结果）");
    expect(becauseOf(none)).toContain("没有一行成立。");
  });
});

describe("marks on a table", () => {
  const finding = { file: "t.dmn", element: "e", name: null, line: null, rule: "decision-table", severity: "error" as const, message: 'x "y" </style>\\', remedy: "" };
  it("stand at the cell that shows the expression, whatever the message holds", () => {
    const style = styleOf([finding], new Map([["e", "i"]]), ["r1"]);
    expect(style).toContain('[data-element-id="i"]');
    expect(style).toContain('td[data-row-id="r1"]');
    expect(style).not.toContain("</style>");
    expect(style).toContain('\\"y\\"');
  });
});

describe("a trial in words", () => {
  const line = { at: "2026-09-25T20:30:00+08:00", case: "c1", element: "verify", name: "核实", type: "userTask", event: "completed" as const, what: "" };
  it("tells steps, not flows and gateways", () => {
    expect(lineInWords(line)).toBe("完成「核实」");
    expect(lineInWords({ ...line, event: "taken", type: "sequenceFlow" })).toBeNull();
    expect(lineInWords({ ...line, event: "activated", type: "exclusiveGateway" })).toBeNull();
    expect(lineInWords({ ...line, event: "incident", what: "没有值" })).toBe("出错「核实」：没有值");
  });
  it("counts time", () => {
    expect(until("2026-09-25T20:30:00+08:00", "2026-09-26T20:30:00+08:00")).toBe("PT86400S");
    expect(until("2026-09-25T20:30:00+08:00", "2026-09-25T12:00:00Z")).toBe("PT0S");
    expect(durationInWords("PT90061S")).toBe("1 天 1 小时 1 分钟 1 秒");
    expect(stepInWords({ kind: "advance", target: "P7D" }, {})).toBe("时间过去 7 天");
    expect(stepInWords({ kind: "complete", target: "verify" }, { verify: "核实" })).toBe("完成「核实」");
  });
  it("sends only what was written", () => {
    expect(given({ a: " 1 ", b: "", " ": "2" })).toEqual({ a: "1" });
  });
  it("marks where it has been, waits and failed", () => {
    const open = { element: "verify" } as TryPlayed["open"][number];
    const played = { open: [open, open], trace: [line, { ...line, element: "f", event: "taken" }], problems: [{ path: "gw", message: "" }] } as TryPlayed;
    expect(marksOf(played)).toEqual({ been: ["verify", "f"], waiting: { verify: 2 }, failed: ["gw"] });
    expect(marksOf(undefined)).toEqual({ been: [], waiting: {}, failed: [] });
  });
});
