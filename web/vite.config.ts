import react from "@vitejs/plugin-react";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { shell } from "./scripts/shell.ts";

/** Where `npm run dev` sends /api; the built pages are served by the API itself. */
const api = process.env.XUNZHEN_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), shell()],
  server: {
    proxy: { "/api": api },
    // The tests read the forms that designers own.
    fs: { allow: [import.meta.dirname, resolve(import.meta.dirname, "../processes")] },
  },
  build: {
    manifest: true,
    chunkSizeWarningLimit: 2500,
    rolldownOptions: {
      input: {
        staff: resolve(import.meta.dirname, "index.html"),
        designer: resolve(import.meta.dirname, "designer.html"),
        help: resolve(import.meta.dirname, "help.html"),
        notice: resolve(import.meta.dirname, "notice.html"),
        sw: resolve(import.meta.dirname, "src/offline/sw.ts"),
      },
      // A service worker governs the folder it lies in.
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}", "src/**/*.test.{ts,tsx}"] },
});
