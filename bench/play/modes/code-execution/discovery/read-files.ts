import { readFile } from "node:fs/promises";

const files = ["servers/example/tool.ts"];
for (const file of files) {
  console.log(await readFile(file, "utf8"));
}
