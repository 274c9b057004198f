/**
 * Every entry of every registry is played by a test that goes through that registry. This one holds what those tests take
 * for granted: that an entry loads, that its id is its own, and that it has what it needs elsewhere.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { registries } from "../bench/registries.ts";
import { benchReporterRegistry } from "../reports/sandboxes/registry.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const tmpDir = mkdtempSync(join(tmpdir(), "registries-"));
afterAll(() => rmSync(tmpDir, { recursive: true, force: true }));
const host = { env: {}, platform, now: () => 0, tmpDir, nodePath: execPath };

const { scenarios, modes, agents, models, sandboxes, executors, counters, reporters } = registries;
const all = { ...registries, "formats of sandboxes": benchReporterRegistry };

test.each(Object.entries(all))("the default selection of %s is of its own ids", (_, { ids, defaults }) => {
  expect(ids.length).toBeGreaterThan(0);
  expect(defaults.filter((id) => !ids.includes(id))).toEqual([]);
});

const identified = Object.entries({ scenarios, modes, models, counters, reporters, formats: benchReporterRegistry });
test.each(identified.flatMap(([kind, { ids, load }]) => ids.map((id) => [kind, id, load] as const)))(
  "%s: %s has the id that it is found by",
  async (_, id, load) => expect((await load(id)).id).toBe(id),
);

test.each([sandboxes, executors].flatMap(({ ids, load }) => ids.map((id) => [id, load] as const)))(
  "%s has the id that it is found by",
  async (id, load) => {
    const made = (await load(id))(host);
    expect(made.id).toBe(id);
    await made.dispose();
  },
);

test("scripts play every mode, and no agent is of a mode that is not there", () => {
  expect(agents.ids.toSorted(), "bench/play/modes/registry.ts: a line in both registries").toEqual(modes.ids.toSorted());
});

describe.each(scenarios.ids)("scenario %s", (id) => {
  test("its programs are checked against the servers that they import", () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
    expect(compilerOptions.rootDirs).toContain(`scenarios/${id}/programs`);
  });

  test("it has a page, and figures that the gate holds it to", () => {
    expect(existsSync(join(root, "scenarios", id, "README.md"))).toBe(true);
    expect(readFileSync(join(root, ".ci/tokens.lock.json"), "utf8"), "npm run gate -- --update").toContain(`"scenario":"${id}"`);
  });
});

test("each raw side that the bench compares with is of a backend", () => {
  const floors = readdirSync(join(root, "scripts/bench/floors")).map((file) => file.replace(".ts", ""));
  expect(floors.filter((id) => id !== "raw" && !sandboxes.ids.includes(id))).toEqual([]);
});

test.each([scenarios, modes, sandboxes].flatMap(({ ids }) => ids))("the README's tables have %s", (id) => {
  expect(
    readme.split("\n").filter((line) => line.startsWith("|") && (line.includes(`\`${id}\``) || line.includes(`[${id}]`))),
  ).not.toEqual([]);
});
