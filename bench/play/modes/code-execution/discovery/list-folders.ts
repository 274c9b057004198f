import { readdir } from "node:fs/promises";

const folders = ["servers/example"];
for (const folder of folders) {
  console.log(`${folder}: ${(await readdir(folder)).join(" ")}`);
}
