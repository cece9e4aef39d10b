/** The shelf of `outbox.ts` in the browser's database. */
import { uuid } from "../api/client";
import { database } from "./db";
import { keptBack, LOCAL, photosIn, SENT_KEPT, type Shelf } from "./outbox";
import type { KeptPhoto } from "./types";

/** A photo is at most 1 MB after shrinking; a paper may be as large as two. */
export const PHOTO_LIMIT = 2_000_000;
/** All photos a device keeps back, about fifty. */
export const PHOTOS_LIMIT = 50_000_000;

export const shelf: Shelf = {
  of: async (person) => (await database()).getAllFromIndex("entries", "person", person),
  put: async (entry) => void (await (await database()).put("entries", entry)),
  remove: async (key) => (await database()).delete("entries", key),
  dropPhotos: async (ids) => {
    const db = await database();
    for (const id of ids) await db.delete("photos", id);
  },
};

/** Keep a photo → the reference that stands in the form. Rejects, in words, what is too large. */
export async function keepPhoto(person: string, file: File): Promise<string> {
  if (file.size > PHOTO_LIMIT) throw new Error(`「${file.name}」超过 2 MB，没有网络时不能存在本机`);
  const db = await database();
  const known = await db.getAll("photos");
  if (known.reduce((sum, one) => sum + one.content.size, file.size) > PHOTOS_LIMIT) throw new Error("本机存的照片已满 50 MB，请联网上传后再添加");
  const photo: KeptPhoto = { id: uuid(), person, name: file.name, type: file.type, content: file, at: new Date().toISOString() };
  await db.put("photos", photo);
  return LOCAL + photo.id;
}

export const photoOf = async (id: string): Promise<KeptPhoto | undefined> => (await database()).get("photos", id);

/** At the start: what arrived longer than a day ago, and photos whose form was never handed in. */
export async function tidy(person: string): Promise<void> {
  const db = await database();
  const yesterday = Date.now() - SENT_KEPT;
  for (const one of await shelf.of(person)) if (one.sentAt && Date.parse(one.sentAt) < yesterday) await shelf.remove(one.key);
  const used = new Set(keptBack(await db.getAll("entries")).flatMap((one) => photosIn(one.body)));
  for (const photo of await db.getAll("photos")) if (!used.has(photo.id) && Date.parse(photo.at) < yesterday) await db.delete("photos", photo.id);
}

/** At logout: what has arrived is no longer shown; what waits stays for its owner. */
export async function dropSent(person: string): Promise<void> {
  for (const one of await shelf.of(person)) if (one.state === "sent") await shelf.remove(one.key);
}
