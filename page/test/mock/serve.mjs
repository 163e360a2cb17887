// npm run mock [PORT]: the page over made-up records, to look at while it is worked on.
import { fileURLToPath } from "node:url";
import { startMock } from "./server.mjs";

const mock = await startMock({
  assets: fileURLToPath(new URL("../../../build/page/assets", import.meta.url)),
  port: Number(process.argv[2] ?? 8090),
});
console.log(mock.url);
