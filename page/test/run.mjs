// run.mjs unit|browser [NAME]: runs the tests of that kind, or the files whose names hold NAME, with Node's own runner. Unit
// tests are TypeScript over the page's sources, so they are bundled first.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [kind, part = ""] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = join(here, kind);
const chosen = readdirSync(folder)
  .filter((name) => /\.test\.(ts|mjs)$/.test(name) && name.includes(part))
  .sort();
if (chosen.length === 0) throw new Error(`no ${kind} test is called ${part}`);

let files = chosen.map((name) => join(folder, name));
if (kind === "unit") {
  const out = join(here, "../../build/page/unit");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const options = { bundle: true, format: "esm", platform: "node", jsx: "automatic", jsxImportSource: "preact" };
  await build({ ...options, entryPoints: files, outdir: out, outExtension: { ".js": ".mjs" }, logLevel: "warning" });
  files = files.map((file) => join(out, basename(file).replace(/\.ts$/, ".mjs")));
}
const done = spawnSync(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files], {
  stdio: "inherit",
});
process.exit(done.status ?? 1);
