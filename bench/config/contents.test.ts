import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Scenario } from "../../contract/index.ts";
import { configContents } from "./contents.ts";

let folder = "";
let next = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "contents-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const files: { readonly [path: string]: string } = {
  "config/mine.ts": `#!/usr/bin/env node
    import { words } from "./parts/words.ts";
    import type { Shape } from "./shape.ts";
    export { more } from "../more.js";
    export default { counters: [words satisfies Shape] };`,
  "config/parts/words.ts": `import about from "./about.json" with { type: "json" };
    export const words = { about, later: () => import("./later.mts"), again: () => import("../mine.ts") };`,
  "config/parts/about.json": `{ "import": "./nothing.ts" }`,
  "config/parts/later.mts": `export * from "node:path";`,
  "more.js": `export const more = "import './nothing.ts'";`,
  "config/shape.ts": "export type Shape = object;",
  "config/notes.md": "Nobody imports this.",
  "config/programs/a.ts": `import { list } from "./servers/only-in-a-guest.ts";`,
  "config/programs/deep/b.py": "print(1)",
};

async function project(changes: { readonly [path: string]: string } = {}): Promise<string> {
  const home = join(folder, `project-${next++}`);
  for (const [path, text] of Object.entries({ ...files, ...changes })) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
  return home;
}

function contents(home: string): Promise<string> {
  const programs = pathToFileURL(`${join(home, "config/programs")}/`);
  return configContents(join(home, "config/mine.ts"), { scenarios: [{ programs } as Scenario] });
}

test("the same project has the same contents in any folder", async () => {
  const home = await project();
  const hash = await contents(home);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await contents(home)).toBe(hash);
  await cp(home, `${home}-copy`, { recursive: true });
  expect(await contents(`${home}-copy`)).toBe(hash);
});

test.each([
  ...["config/mine.ts", "config/parts/words.ts", "config/parts/about.json", "config/parts/later.mts", "more.js"],
  ...["config/programs/a.ts", "config/programs/deep/b.py"],
])("a change in %s is another configuration", async (path) => {
  const changed = await project({ [path]: `${files[path]}\n` });
  expect(await contents(changed)).not.toBe(await contents(await project()));
});

test.each(["config/shape.ts", "config/notes.md"])("a change in %s, which is not loaded, changes nothing", async (path) => {
  const changed = await project({ [path]: "changed" });
  expect(await contents(changed)).toBe(await contents(await project()));
});

test("a program of another name is another configuration, and one without programs has contents too", async () => {
  const home = await project();
  const hash = await contents(home);
  await rename(join(home, "config/programs/a.ts"), join(home, "config/programs/c.ts"));
  expect(await contents(home)).not.toBe(hash);
  await rm(join(home, "config/programs"), { recursive: true });
  expect(await contents(home)).toMatch(/^[0-9a-f]{64}$/);
});
