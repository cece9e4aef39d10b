/** Photos leave the phone at most 1 MB large and without EXIF: the canvas keeps pixels only. */

const LIMIT = 1_000_000;
const LONGEST_EDGE = 2000;

/** Edge lengths after shrinking, proportions kept; never larger than before. */
export function fitted(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function draw(image: ImageBitmap, edge: number): HTMLCanvasElement {
  const size = fitted(image.width, image.height, edge);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext("2d")?.drawImage(image, 0, 0, size.width, size.height);
  return canvas;
}

const encode = (canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> =>
  new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));

/** A JPEG of at most 1 MB; anything that is not a readable picture is passed on unchanged. */
export async function shrink(file: File): Promise<File> {
  if (!file.type.startsWith("image/")) return file;
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return file;
  let best: Blob | null = null;
  for (const edge of [LONGEST_EDGE, 1600, 1200, 800]) {
    const canvas = draw(image, edge);
    for (const quality of [0.85, 0.7, 0.55]) {
      best = await encode(canvas, quality);
      if (best && best.size <= LIMIT) break;
    }
    if (best && best.size <= LIMIT) break;
  }
  image.close();
  if (!best) return file;
  return new File([best], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}
