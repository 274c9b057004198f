import { readdir } from "node:fs/promises";

console.log((await readdir("servers")).join("\n"));
