/**
 * Answers kept on the device for their reader: the few a grid worker's pages need without a network. Read-only, one person at
 * a time, gone at logout and after a week.
 */
import { ApiError, get, keyed, type Params } from "../api/client";
import type { Me } from "../api/types";
import { unreachable } from "./outbox";
import { database, type KeptAnswer } from "./db";

/** As long as silence is put down to a device (`silence.sync_grace_days`), and no longer. */
const LIFE = 7 * 24 * 3600_000;
const SESSION = "/session";

export interface Kept<T> {
  data: T;
  /** When the device got it, in milliseconds; null when it is fresh. */
  since: number | null;
}

let reader: string | null = null;

async function write(person: string, path: string, data: unknown): Promise<void> {
  const row: KeptAnswer = { id: `${person} ${path}`, person, path, data, at: Date.now() };
  await (await database()).put("answers", row).catch(() => undefined);
}

async function dropWhere(wrong: (row: KeptAnswer) => boolean): Promise<void> {
  const db = await database();
  for (const row of await db.getAll("answers")) if (wrong(row)) await db.delete("answers", row.id);
}

/** Who is logged in: what was kept for anybody else goes. */
export async function readsAs(me: Me): Promise<void> {
  reader = me.id;
  await dropWhere((row) => row.person !== me.id || row.at < Date.now() - LIFE).catch(() => undefined);
  await write(me.id, SESSION, me).catch(() => undefined);
}

/** Who was logged in on this device last and did not log out. */
export async function lastReader(): Promise<Me | null> {
  const rows = await database().then((db) => db.getAll("answers")).catch(() => []);
  const row = rows.find((one) => one.path === SESSION && one.at >= Date.now() - LIFE);
  reader = row?.person ?? null;
  return (row?.data as Me | undefined) ?? null;
}

/** At logout: nothing that was read stays on the device. */
export async function forget(): Promise<void> {
  reader = null;
  await database().then((db) => db.clear("answers")).catch(() => undefined);
}

/** So long a bad line is waited for. */
const PATIENCE = 15_000;

/** Ask the server and keep the answer (`trim`: what of it may be kept); without a network the kept one answers. */
export async function read<T>(path: string, params: Params = {}, trim: (data: T) => T = (data) => data): Promise<Kept<T>> {
  const name = keyed(path, params);
  try {
    const data = await get<T>(path, params, AbortSignal.timeout(PATIENCE));
    if (reader) void write(reader, name, trim(data)).catch(() => undefined);
    return { data, since: null };
  } catch (error) {
    if (!unreachable(error) || !reader) throw error;
    const row = await database().then((db) => db.get("answers", `${reader} ${name}`)).catch(() => undefined);
    if (!row || row.at < Date.now() - LIFE) throw new ApiError(0, "offline", "没有网络，本机也没有备存这一页。联网打开一次后，离线时可用。");
    return { data: row.data as T, since: row.at };
  }
}

export const kept = async <T>(path: string, params: Params = {}, trim?: (data: T) => T): Promise<T> => (await read<T>(path, params, trim)).data;
