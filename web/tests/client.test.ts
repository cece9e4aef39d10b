import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, errorOf, get, onLoggedOut, post, url } from "../src/api/client";

const answer = (status: number, body: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status });

function server(...answers: (Response | Error)[]) {
  const fetched = vi.fn<(address: string, init: RequestInit) => Promise<Response>>();
  for (const one of answers) one instanceof Error ? fetched.mockRejectedValueOnce(one) : fetched.mockResolvedValueOnce(one);
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const keyOf = (fetched: ReturnType<typeof server>, call: number) => (fetched.mock.calls[call][1].headers as Record<string, string>)["Idempotency-Key"];

afterEach(() => vi.unstubAllGlobals());

describe("errors", () => {
  it("takes the server's sentence and fields", () => {
    const error = errorOf(422, { code: "invalid", message: "填写有误", fields: [{ path: "a", message: "必填" }] });
    expect(error).toMatchObject({ status: 422, code: "invalid", message: "填写有误", fields: [{ path: "a", message: "必填" }], isConflict: false });
  });

  it("has a Chinese sentence for answers that are not ours", () => {
    expect(errorOf(502, null).message).toContain("服务器出错");
    expect(errorOf(403, "<html>").message).toBe("您没有办理此事项的权限。");
    expect(errorOf(409, { code: "stale_revision" }).isConflict).toBe(true);
  });

  it("says that the network is down instead of throwing a TypeError", async () => {
    server(new TypeError("Failed to fetch"));
    const error = await get("/tasks").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 0, code: "offline" });
  });

  it("tells who listens when the session is over", async () => {
    server(answer(401, { code: "not_logged_in", message: "请先登录。" }));
    const told = vi.fn();
    const stop = onLoggedOut(told);
    await expect(get("/me")).rejects.toMatchObject({ status: 401 });
    stop();
    expect(told).toHaveBeenCalledOnce();
  });
});

describe("writes", () => {
  it("carry the headers the server asks for", async () => {
    const fetched = server(answer(200, {}));
    await post("/tasks/1/claim", { revision: 1 });
    const [address, init] = fetched.mock.calls[0];
    expect(address).toBe("/api/tasks/1/claim");
    expect(init.headers).toMatchObject({ "X-CSRF": "1", "Content-Type": "application/json" });
    expect(keyOf(fetched, 0)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("repeat an unanswered request under the same key, and only that", async () => {
    const fetched = server(new TypeError("broken"), answer(200, {}), answer(200, {}));
    await expect(post("/x", { a: 1 })).rejects.toMatchObject({ code: "offline" });
    await post("/x", { a: 1 });
    await post("/x", { a: 1 });
    expect(keyOf(fetched, 1)).toBe(keyOf(fetched, 0));
    expect(keyOf(fetched, 2)).not.toBe(keyOf(fetched, 0));
  });

  it("take a new key after a refusal", async () => {
    const fetched = server(answer(409, { code: "conflict", message: "" }), answer(200, {}));
    await expect(post("/y", {})).rejects.toMatchObject({ status: 409 });
    await post("/y", {});
    expect(keyOf(fetched, 1)).not.toBe(keyOf(fetched, 0));
  });
});

it("leaves empty parameters out of an address", () => {
  expect(url("/tasks", { tab: "todo", q: "", page: 2, area: undefined })).toBe("/api/tasks?tab=todo&page=2");
});
