// The build is one module, one style sheet and the fonts of formulas, under names that stay the
// same: the Python package ships them, serves them, and puts them into exported files.
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";

/** Every browser that runs the page reads woff2, so the other formats of KaTeX's fonts stay out. */
function onlyWoff2(): Plugin {
  return {
    name: "only-woff2",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("katex") || !id.split("?")[0]?.endsWith(".css")) return null;
      return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)/g, "");
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [onlyWoff2()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/chainrule/explorer/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    license: { fileName: "LICENSES.txt" },
    rolldownOptions: {
      input: "src/main.tsx",
      preserveEntrySignatures: "strict",
      output: {
        codeSplitting: false,
        entryFileNames: "explorer.js",
        assetFileNames: ({ names }) =>
          names.some((n) => n.endsWith(".css")) ? "explorer.css" : "fonts/[name][extname]",
      },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    testTimeout: 30_000, // ms, for machines that are slow or busy
  },
});
