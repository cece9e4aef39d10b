/** The queue of a device: order, refusals, whose it is, replays, photos – with a shelf and a wire of the test's own. */
import { describe, expect, it } from "vitest";
import { ApiError } from "../src/api/client";
import { deliver, entryOf, flush, inOrder, keptBack, photosIn, sentOf, withPhotos, type Shelf, type Wire } from "../src/offline/outbox";
import type { Draft, Entry } from "../src/offline/types";
import { ago } from "../src/common/time";
import { closure } from "../scripts/shell.ts";

const NOW = () => "2026-09-25T20:40:00+08:00";
const OFFLINE = new ApiError(0, "offline", "网络不通");

const draft = (title: string, more: Partial<Draft> = {}): Draft => ({
  kind: "lead", path: "/leads", page: "/report", at: "2026-09-25T20:30:00+08:00", title, body: { values: { subject_name: title } }, form: { components: [] },
  values: { subject_name: title }, ...more,
});

class Memory implements Shelf {
  readonly rows = new Map<string, Entry>();
  readonly dropped: string[] = [];
  add(person: string, key: string, more: Partial<Draft> = {}): Entry {
    const made = entryOf(draft(key, more), key, person, [...this.rows.values()].filter((one) => one.person === person));
    this.rows.set(key, made);
    return made;
  }
  of = async (person: string) => [...this.rows.values()].filter((one) => one.person === person).reverse();
  put = async (entry: Entry) => void this.rows.set(entry.key, entry);
  remove = async (key: string) => void this.rows.delete(key);
  dropPhotos = async (ids: string[]) => void this.dropped.push(...ids);
  state = (key: string) => this.rows.get(key)?.state;
}

/** A server that does each key once and remembers its answer, as ours does. */
class Server implements Wire {
  readonly done = new Map<string, Entry["body"]>();
  readonly asked: string[] = [];
  /** Thrown when a key is asked, before or after it was done. */
  before: Record<string, ApiError> = {};
  after: Record<string, ApiError> = {};
  photos: Record<string, string | null> = {};
  constructor(public who: string | null | ApiError = "甲") {}
  person = async () => { if (this.who instanceof ApiError) throw this.who; return this.who; };
  upload = async (photo: string) => this.photos[photo] ?? null;
  send = async (entry: Entry) => {
    this.asked.push(entry.key);
    if (this.before[entry.key]) throw this.before[entry.key];
    if (!this.done.has(entry.key)) this.done.set(entry.key, entry.body);
    if (this.after[entry.key]) throw this.after[entry.key];
    return { message: `${entry.key} 已登记`, case_id: `case-${entry.key}` };
  };
}

describe("order", () => {
  it("is that of entry, whatever the shelf answers first", async () => {
    const shelf = new Memory(), server = new Server();
    for (const key of ["a", "b", "c"]) shelf.add("甲", key);
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 3, refused: 0, stop: null });
    expect(server.asked).toEqual(["a", "b", "c"]);
  });

  it("goes on where the line broke", async () => {
    const shelf = new Memory(), server = new Server();
    for (const key of ["a", "b", "c"]) shelf.add("甲", key);
    server.before = { b: OFFLINE };
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 1, refused: 0, stop: "offline" });
    expect(server.asked).toEqual(["a", "b"]);
    server.before = {};
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 2, refused: 0, stop: null });
    expect(server.asked).toEqual(["a", "b", "b", "c"]);
  });

  it("numbers a new entry after the last", () => {
    const first = entryOf(draft("a"), "a", "甲", []);
    const second = entryOf(draft("b"), "b", "甲", [{ ...first, n: 7 }]);
    expect(inOrder([second, first]).map((one) => [one.key, one.n])).toEqual([["a", 1], ["b", 8]]);
  });
});

describe("replays", () => {
  it("send an entry whose answer was lost again under its key, and it is done once", async () => {
    const shelf = new Memory(), server = new Server();
    shelf.add("甲", "a");
    server.after = { a: OFFLINE };
    expect((await flush(shelf, server, "甲", NOW)).stop).toBe("offline");
    expect(shelf.state("a")).toBe("waiting");
    server.after = {};
    await flush(shelf, server, "甲", NOW);
    await flush(shelf, server, "甲", NOW);
    expect(server.asked).toEqual(["a", "a"]);
    expect([...server.done.keys()]).toEqual(["a"]);
    expect(shelf.rows.get("a")?.answer).toEqual({ message: "a 已登记", case_id: "case-a" });
  });

  it("keep nothing of what was typed once it has arrived", async () => {
    const shelf = new Memory();
    const entry = shelf.add("甲", "李某甲", { subject: { household: "h1" } });
    const kept = sentOf(entry, { message: "线索 1 已登记" }, NOW());
    expect(JSON.stringify({ ...kept, key: "" })).not.toContain("李某甲");
    expect(kept.subject).toBeUndefined();
    expect(keptBack([entry, kept])).toEqual([entry]);
  });
});

describe("a refusal", () => {
  const REFUSED = new ApiError(422, "invalid", "填写内容有误", [{ path: "main_cause", message: "请选择主要困难" }]);

  it("keeps the entry with its reason and does not hold up the next", async () => {
    const shelf = new Memory(), server = new Server();
    shelf.add("甲", "a");
    shelf.add("甲", "b");
    server.before = { a: REFUSED };
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 1, refused: 1, stop: null });
    expect(shelf.rows.get("a")).toMatchObject({ state: "refused", problem: "填写内容有误", fields: REFUSED.fields, values: { subject_name: "a" } });
    expect(keptBack([...shelf.rows.values()]).map((one) => one.key)).toEqual(["a"]);
  });

  it("is not repeated by itself, only when asked", async () => {
    const shelf = new Memory(), server = new Server();
    shelf.add("甲", "a");
    server.before = { a: REFUSED };
    await flush(shelf, server, "甲", NOW);
    await flush(shelf, server, "甲", NOW);
    expect(server.asked).toEqual(["a"]);
    server.before = {};
    expect(await flush(shelf, server, "甲", NOW, "a")).toEqual({ sent: 1, refused: 0, stop: null });
  });

  it("is not a server that fails: that entry waits, the next goes on", async () => {
    const shelf = new Memory(), server = new Server();
    shelf.add("甲", "a");
    shelf.add("甲", "b");
    server.before = { a: new ApiError(500, "internal", "系统出错") };
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 1, refused: 0, stop: null });
    expect(shelf.rows.get("a")).toMatchObject({ state: "waiting", tries: 1, problem: "系统出错" });
  });

  it.each([[503], [502], [504], [429]])("is not %s either: everything waits", async (status) => {
    const shelf = new Memory(), server = new Server();
    shelf.add("甲", "a");
    server.before = { a: new ApiError(status, "x", "稍后再试") };
    expect((await flush(shelf, server, "甲", NOW)).stop).toBe("offline");
    expect(shelf.state("a")).toBe("waiting");
  });
});

describe("whose it is", () => {
  it("is sent only by its own person", async () => {
    const shelf = new Memory(), server = new Server("乙");
    shelf.add("甲", "a");
    shelf.add("乙", "b");
    expect(await flush(shelf, server, "乙", NOW)).toEqual({ sent: 1, refused: 0, stop: null });
    expect(server.asked).toEqual(["b"]);
    expect(shelf.state("a")).toBe("waiting");
  });

  it("is not sent where somebody else has logged in meanwhile", async () => {
    const shelf = new Memory(), server = new Server("乙");
    shelf.add("甲", "a");
    expect(await flush(shelf, server, "甲", NOW)).toEqual({ sent: 0, refused: 0, stop: "other" });
    expect(server.asked).toEqual([]);
  });

  it("waits for a login, before the sending and in the middle of it", async () => {
    const shelf = new Memory(), server = new Server(null);
    shelf.add("甲", "a");
    expect((await flush(shelf, server, "甲", NOW)).stop).toBe("login");
    server.who = "甲";
    server.before = { a: new ApiError(401, "not_logged_in", "请先登录。") };
    expect((await flush(shelf, server, "甲", NOW)).stop).toBe("login");
    expect(shelf.rows.get("a")).toMatchObject({ state: "waiting", values: { subject_name: "a" } });
  });

  it("asks nobody while nothing waits", async () => {
    expect(await flush(new Memory(), new Server(OFFLINE), "甲", NOW)).toEqual({ sent: 0, refused: 0, stop: null });
  });
});

describe("photos", () => {
  const body = { values: { photos: ["local:p1", "kept-on-server", "local:p2"], note: "local 字样" } };

  it("are found and replaced wherever they stand", () => {
    expect(photosIn(body)).toEqual(["p1", "p2"]);
    expect(withPhotos(body, new Map([["p1", "f1"], ["p2", "f2"]]))).toEqual({ values: { photos: ["f1", "kept-on-server", "f2"], note: "local 字样" } });
  });

  it("go before their entry and leave the device after it", async () => {
    const shelf = new Memory(), server = new Server();
    server.photos = { p1: "f1", p2: "f2" };
    shelf.add("甲", "a", { body });
    await flush(shelf, server, "甲", NOW);
    expect(server.done.get("a")).toEqual({ values: { photos: ["f1", "kept-on-server", "f2"], note: "local 字样" } });
    expect(shelf.dropped).toEqual(["p1", "p2"]);
  });

  it("that are gone make a refusal with the way on, not a report without them", async () => {
    const shelf = new Memory(), server = new Server();
    const entry = shelf.add("甲", "a", { body });
    await expect(deliver(entry, server)).rejects.toMatchObject({ code: "photo_gone" });
    await flush(shelf, server, "甲", NOW);
    expect(shelf.rows.get("a")).toMatchObject({ state: "refused", problem: "照片已不在本机，请打开表单重新添加后再提交。" });
    expect(server.asked).toEqual([]);
  });
});

it("says how old a kept list is", () => {
  const minute = 60_000, hour = 60 * minute;
  expect([20_000, 5 * minute, 3 * hour, 47 * hour, 72 * hour].map(ago)).toEqual(["刚刚", "5 分钟前", "3 小时前", "47 小时前", "3 天前"]);
});

it("the shell holds what its pages load, and no page of the offices", () => {
  const chunk = (fileName: string, facade: string | null, imports: string[], later: string[] = [], modules: string[] = []) => ({
    type: "chunk" as const, fileName, name: fileName, code: "", imports, dynamicImports: later, moduleIds: modules, facadeModuleId: facade,
    viteMetadata: { importedCss: new Set([`${fileName}.css`]), importedAssets: new Set<string>() },
  });
  const chunks = new Map([
    chunk("staff", "index.html", ["shared"], ["report", "ledger"], ["/x/src/app/menu.tsx"]),
    chunk("shared", null, []), chunk("report", "/x/src/report/ReportPage.tsx", ["form"]), chunk("form", null, [], ["feelin"]), chunk("feelin", null, []),
    chunk("ledger", "/x/src/ledger/LedgerPage.tsx", ["sheet"]), chunk("sheet", null, []),
  ].map((one) => [one.fileName, one]));
  expect(closure(chunks, "staff").filter((file) => !file.endsWith(".css"))).toEqual(["feelin", "form", "report", "shared", "staff"]);
  expect(closure(chunks, "staff")).toContain("report.css");
});
