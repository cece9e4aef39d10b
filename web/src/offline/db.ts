/** The device's own shelf: entries and photos that wait, and what pages keep to be opened without a network. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Entry, KeptPhoto } from "./types";

/** An answer of the server kept for its reader. */
export interface KeptAnswer {
  /** Person and path. */
  id: string;
  person: string;
  path: string;
  data: unknown;
  /** Milliseconds of the device's clock. */
  at: number;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { person: string } };
  photos: { key: string; value: KeptPhoto };
  answers: { key: string; value: KeptAnswer };
}

const NAME = "xunzhen";
let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** Rejects where the browser keeps nothing (some private windows): then there is no queue, and pages say so. */
export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("entries", { keyPath: "key" }).createIndex("person", "person");
      db.createObjectStore("photos", { keyPath: "id" });
      db.createObjectStore("answers", { keyPath: "id" });
    },
    terminated() {
      opened = null;
    },
  });
  opened.catch(() => { opened = null; });
  return opened;
}
