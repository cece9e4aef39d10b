/**
 * Vite plugin: writes into `sw.js` which built files open a grid worker's pages without a network – the import closure of
 * the entry and of those pages, not of the designer or the offices' pages.
 */
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** Pages that open offline, by the module the menu loads. */
const PAGES = ["src/report/ReportPage.tsx", "src/rounds/RoundsRoute.tsx", "src/offline/OutboxRoute.tsx"];
const MENU = "src/app/menu.tsx";

interface Chunk {
  type: "chunk";
  fileName: string;
  name: string;
  code: string;
  imports: string[];
  dynamicImports: string[];
  moduleIds: string[];
  facadeModuleId: string | null;
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> };
}

/** Files of the shell, sorted. Where the menu loads its pages only PAGES are followed; anything else loaded later is. */
export function closure(chunks: Map<string, Chunk>, root: string): string[] {
  const files = new Set<string>();
  const isPage = (one: Chunk) => PAGES.some((page) => one.facadeModuleId?.endsWith(page));
  const visit = (name: string) => {
    const chunk = chunks.get(name);
    if (!chunk || files.has(name)) return;
    files.add(name);
    for (const file of [...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) files.add(file);
    chunk.imports.forEach(visit);
    const menu = chunk.moduleIds.some((id) => id.endsWith(MENU));
    for (const later of chunk.dynamicImports) {
      const found = chunks.get(later);
      if (found && (!menu || isPage(found))) visit(later);
    }
  };
  visit(root);
  return [...files].sort();
}

export function shell(): Plugin {
  return {
    name: "xunzhen-shell",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const all = Object.values(bundle) as unknown as Chunk[];
      const chunks = new Map(all.filter((one) => one.type === "chunk").map((one) => [one.fileName, one]));
      const entry = all.find((one) => one.type === "chunk" && one.name === "staff");
      const worker = chunks.get("sw.js");
      if (!entry || !worker) throw new Error("no entry \"staff\" or no sw.js in the build");
      const files = ["/", "/icon.svg", "/manifest.webmanifest", ...closure(chunks, entry.fileName).map((file) => `/${file}`)];
      const missing = PAGES.filter((page) => !all.some((one) => one.facadeModuleId?.endsWith(page) && files.includes(`/${one.fileName}`)));
      if (missing.length > 0) throw new Error(`not in the shell: ${missing.join(", ")}`);
      // Names carry digests of what they hold; the entry page carries those names.
      const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16);
      worker.code = `const SHELL = ${JSON.stringify({ version, files })};\n${worker.code}`;
    },
  };
}
