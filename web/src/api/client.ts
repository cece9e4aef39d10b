/**
 * The one place that talks to the server. A refusal becomes an `ApiError` with a Chinese sentence; a network
 * failure becomes an `ApiError` with status 0 and code `offline`.
 */
import { reached } from "../offline/connection";
import type { ErrorBody, ErrorField } from "./types";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: ErrorField[];
  /** The household that stands in the way. */
  readonly household: string | undefined;

  constructor(status: number, code: string, message: string, fields: ErrorField[] = [], household?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.household = household;
  }

  /** Somebody else was faster: what is on the screen is no longer the state of the case. */
  get isConflict(): boolean {
    return this.status === 409;
  }
}

const SENTENCES: Record<number, string> = {
  400: "提交的内容无法识别。",
  401: "登录已失效，请重新登录。",
  403: "您没有办理此事项的权限。",
  404: "没有找到，可能已被处理或不在您的辖区。",
  409: "情况已变化，请刷新后再试。",
  413: "文件过大。",
  422: "填写的内容有误，请检查标红的项目。",
  429: "操作过于频繁，请稍候再试。",
};

/** The error a non-2xx answer stands for; tolerates bodies that are not ours (proxies, crashes). */
export function errorOf(status: number, body: unknown): ApiError {
  const own = body as Partial<ErrorBody> | null;
  const fallback = SENTENCES[status] ?? (status >= 500 ? "服务器出错，请稍后再试；如反复出现，请联系系统管理员。" : "操作没有成功。");
  if (own && typeof own === "object" && typeof own.code === "string") {
    return new ApiError(status, own.code, own.message || fallback, Array.isArray(own.fields) ? own.fields : [], own.household);
  }
  return new ApiError(status, `http_${status}`, fallback);
}

/** A random UUID; `crypto.randomUUID` is missing on plain-http intranet addresses. */
export function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export type Params = Record<string, string | number | boolean | null | undefined>;

/** `/api` + path + query string. */
export const url = (path: string, params: Params = {}): string => `/api${keyed(path, params)}`;

/** Path + query string; empty parameters are left out. */
export function keyed(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return `${path}${text ? `?${text}` : ""}`;
}

const listeners = new Set<() => void>();

/** Be told when the server says nobody is logged in any more. */
export function onLoggedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Say so oneself: somebody must log in before the work goes on. */
export const endSession = (): void => listeners.forEach((tell) => tell());

async function call<T>(address: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    reached(false);
    throw new ApiError(0, "offline", "网络不通，没有送达服务器。已填写的内容仍在，请稍后重试。");
  }
  reached(true);
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    if (response.status === 401 && !address.endsWith("/login")) endSession();
    throw errorOf(response.status, body);
  }
  return body as T;
}

export function get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  return call<T>(url(path, params), { signal });
}

/**
 * A write whose fate is unknown (the connection broke) must be repeated under the same key, so that the server
 * can recognise it. The key is forgotten as soon as the server has given any answer.
 */
const unanswered = new Map<string, string>();

export async function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  const form = body instanceof FormData;
  const text = form ? null : JSON.stringify(body);
  const name = `${method} ${path} ${text ?? ""}`;
  const key = (!form && unanswered.get(name)) || uuid();
  const headers: Record<string, string> = { "X-CSRF": "1", "Idempotency-Key": key };
  if (!form) headers["Content-Type"] = "application/json";
  try {
    const answer = await call<T>(url(path), { method, headers, body: form ? (body as FormData) : text });
    unanswered.delete(name);
    return answer;
  } catch (error) {
    if (!form && error instanceof ApiError && error.status === 0) unanswered.set(name, key);
    else unanswered.delete(name);
    throw error;
  }
}

/** Longer than this a small write on a bad line counts as not delivered; it is repeated under its key. */
const PATIENCE = 30_000;

/** A POST under a key of the caller's, who repeats it until it is answered. `body`: JSON text, or a form with one file. */
export function sendAs<T>(path: string, body: string | FormData, key: string): Promise<T> {
  const headers: Record<string, string> = { "X-CSRF": "1", "Idempotency-Key": key };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  return call<T>(url(path), { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE) });
}

export const post = <T>(path: string, body?: unknown): Promise<T> => send<T>("POST", path, body);
export const patch = <T>(path: string, body?: unknown): Promise<T> => send<T>("PATCH", path, body);
export const put = <T>(path: string, body?: unknown): Promise<T> => send<T>("PUT", path, body);
