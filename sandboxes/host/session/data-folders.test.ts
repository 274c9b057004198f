import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { maxDataBytes, readDataFolders } from "./data-folders.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-folders-"));
  mkdirSync(join(folder, "inside/deep"), { recursive: true });
  mkdirSync(join(folder, "inside/empty"));
  mkdirSync(join(folder, "inside-too"));
  writeFileSync(join(folder, "inside/deep/a.bin"), new Uint8Array([0, 255]));
  writeFileSync(join(folder, "inside-too/secret"), "x");
  writeFileSync(join(folder, "secret"), "x");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = () => readDataFolders([{ name: "it", path: join(folder, "inside") }]);

test("every file and folder is there, with its bytes", async () => {
  expect(await read()).toEqual(
    new Map([
      ["data", null],
      ["data/it", null],
      ["data/it/deep", null],
      ["data/it/deep/a.bin", new Uint8Array([0, 255])],
      ["data/it/empty", null],
    ]),
  );
});

test("links are followed inside the folder, and never out of it nor round and round", async () => {
  const link = (target: string, name: string) => symlinkSync(target, join(folder, "inside", name));
  link("deep/a.bin", "b.bin");
  link("../secret", "out");
  link("../inside-too", "sibling");
  link("/etc", "etc");
  link("nowhere", "broken");
  link("..", "deep/up");
  link(".", "deep/round");
  const paths = [...(await read()).keys()].filter((path) => !/^data(\/it(\/deep|\/empty)?)?$/.test(path));
  expect(paths.sort()).toEqual(["data/it/b.bin", "data/it/deep/a.bin"]);
});

test("more than a session may hold in memory is refused, with what to do", async () => {
  writeFileSync(join(folder, "inside/huge"), "");
  truncateSync(join(folder, "inside/huge"), maxDataBytes + 1);
  await expect(read()).rejects.toMatchObject({ code: "LIMIT", message: expect.stringContaining("data/it/huge") });
});
