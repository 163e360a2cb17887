// build.mjs OUT: bundles the page into OUT. Each file is there as it is, with gzip (.gz) and with Brotli (.br); all names
// but index.html hold a hash of what is in them.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../build/page/assets"));

const bundled = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", icon: "src/icon.svg" },
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "copy" },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir: out,
  minify: true,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
});

function nameOf(start, end) {
  const found = bundled.outputFiles
    .map((file) => basename(file.path))
    .find((n) => n.startsWith(start) && n.endsWith(end));
  if (!found) throw new Error(`no ${start}*${end} was built`);
  return `/assets/${found}`;
}

// What the licences of the bundled packages ask for.
const licences = ["preact", "@preact/signals", "@preact/signals-core", "uplot"]
  .map((name) => `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim()}\n`)
  .join("\n----\n\n");
const licencesName = `licences-${createHash("sha256").update(licences).digest("hex").slice(0, 8)}.txt`;

const html = readFileSync(join(here, "index.html"), "utf8")
  .replace("LICENCES", `/assets/${licencesName}`)
  .replace("ICON", nameOf("icon-", ".svg"))
  .replace("STYLE", nameOf("app-", ".css"))
  .replace("SCRIPT", nameOf("app-", ".js"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const files = bundled.outputFiles.map((file) => ({ name: basename(file.path), bytes: Buffer.from(file.contents) }));
files.push({ name: licencesName, bytes: Buffer.from(licences) });
files.push({ name: "index.html", bytes: Buffer.from(html) });
for (const { name, bytes } of files) {
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.gz`), gzip);
  writeFileSync(join(out, `${name}.br`), brotli);
  console.log(`page: ${name} ${bytes.length} bytes, gzip ${gzip.length}, brotli ${brotli.length}`);
}
