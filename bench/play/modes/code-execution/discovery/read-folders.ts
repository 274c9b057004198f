import { readdir, readFile } from "node:fs/promises";

const folders = ["servers/example"];
for (const folder of folders) {
  for (const file of await readdir(folder)) {
    console.log(`// ${file}\n${await readFile(`${folder}/${file}`, "utf8")}`);
  }
}
