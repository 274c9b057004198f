import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Counter, Reporter, Sandbox, SandboxFactory, SandboxHost, Scenario, ScriptedAgent } from "../../contract/index.ts";
import { slackTools } from "../../mock-mcp-servers/slack/server.ts";
import { fakeProcess } from "../../testing/fake-process.ts";
import { fakeSandbox } from "../../testing/fake-sandbox.ts";
import { runCli } from "../cli/cli.ts";
import { buildTree } from "../play/tree/tree.ts";
import { registries } from "../registries.ts";
import type { Config } from "./config.ts";
import { extendRegistries, loadConfig } from "./load-config.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const words: Counter = { id: "words", title: "Words", version: "1", estimate: true, count: (text) => text.split(" ").length };
const lines: Reporter = { id: "lines", title: "Lines", fileName: "lines.txt", render: () => "" };
const host: SandboxHost = { env: {}, platform: "linux", now: () => 0, tmpDir: "/tmp", nodePath: "/usr/bin/node" };
const named = (id: string) => ({ id, title: id, source: "a test" }) as Scenario;
const extend = (config: Config) => extendRegistries(registries, config, "mine.ts");

async function written(text: string, name = "mine.ts"): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe("a configuration that cannot be used says why and what to do", () => {
  test("it is missing", async () => {
    await expect(loadConfig(join(folder, "none.ts"))).rejects.toThrow(/none\.ts: no such file\. Check --config\.$/);
  });

  const counter = `{ id: "words", title: "Words", version: "1", estimate: true, count: () => 1 }`;
  const ownMode = `{ id: "m", title: "M", source: "s", control: false, sandbox: { languages: ["python"] }, policies: [], showsOutputSchemas: true, treatment: "program", start: f, agent: f }`;
  test.for([
    [`throw new Error("no key");`, /it cannot be loaded \(no key\)\. Mend the file/],
    [`import "a-package-that-is-not-there";`, /Install what it imports, mcp-code-bench itself included/],
    [`export default {`, /it cannot be loaded/],
    [`export const config = {};`, /unknown export "config"\. Write export default defineConfig/],
    [`export default {}; export const counters = [];`, /unknown export "counters"/],
    [`console.assert(true);`, /no default export/],
    [`export default [];`, /the default export: /],
    [`export default { counter: [] };`, /Unrecognized key: "counter"/],
    [
      `export default { counters: [{ id: "words", title: "Words", version: "1", estimate: true }] };`,
      /counters\.0\.count: expected a fun/,
    ],
    [`export default { counters: [${counter.replace("words", "a,b")}] };`, /counters\.0\.id: letters, digits/],
    [`export default { sandboxes: { "!a": () => 1 } };`, /sandboxes\.!a: /],
    [
      `export default { scenarios: [{ id: "a", title: "A", source: "a", params: {} }] };`,
      /scenarios\.0\.params: expected a zod schema/,
    ],
    [
      `export default { reporters: [{ id: "a", title: "A", fileName: "../a", render() {} }] };`,
      /reporters\.0\.fileName: letters/,
    ],
    [
      `const f = () => 1; export default { scenarios: [{ id: "a", title: "A", source: "b", params: { _zod: {} }, variants: [{}], virtualTime: false, programs: new URL("file:///p/"), world: f, direct: f, code: f, needs: f, answer: f, verify: f, claim: { text: "c", source: "d", profile: "gpt" } }] };`,
      /scenarios\.0\.claim\.profile: .*"claude-sonnet-4\.5"/,
    ],
    [
      `const f = () => 1; export default { modes: [${ownMode.replace(", agent: f", "")}] };`,
      /modes\.0\.agent: expected a function/,
    ],
    [
      `const f = () => 1; export default { modes: [${ownMode.replace(`["python"]`, "[]")}] };`,
      /modes\.0\.sandbox\.languages: Too small/,
    ],
    [
      `const f = () => 1; export default { modes: [${ownMode.replace(`"program"`, `"thought"`)}] };`,
      /modes\.0\.treatment: Invalid option/,
    ],
  ] as const)("%s", async ([text, message]) => {
    const rejection = expect(loadConfig(await written(text))).rejects;
    await rejection.toMatchObject({ code: "CONFIG" });
    await rejection.toThrow(message);
  });

  test("an id that exists is refused, and both are named", async () => {
    const sandboxes = { quickjs: () => ({}) as Sandbox };
    await expect(extend({ scenarios: [named("sheet-filter")] })).rejects.toThrow(
      'Configuration mine.ts: scenario "sheet-filter" has the id of one of mcp-code-bench itself. Give it another id.',
    );
    await expect(extend({ counters: [words, words] })).rejects.toThrow('counter "words" has the id of another one of this file');
    await expect(extend({ sandboxes })).rejects.toThrow('sandbox "quickjs" has the id of');
    const asExecutor = { "just-bash": () => ({}) as Sandbox };
    await expect(extend({ sandboxes: asExecutor })).rejects.toThrow(
      'sandbox "just-bash" has the id of one of mcp-code-bench itself',
    );
    await expect(extend({ reporters: [{ ...lines, id: "csv" }] })).rejects.toThrow('reporter "csv" has the id of');
  });

  test.for(["records.csv", "RECORDS.jsonl", "run.json", "lines.txt"])("a second report as %s is refused", async (fileName) => {
    await expect(extend({ reporters: [lines, { ...lines, id: "other", fileName }] })).rejects.toThrow(
      `reporter "other" writes ${fileName}, which another report or the run itself writes. Give it another fileName.`,
    );
  });

  test("a factory's result that is not a sandbox, or calls itself something else, is refused when it is made", async () => {
    const none = await extend({ sandboxes: { mine: () => ({ id: "mine" }) as Sandbox } });
    expect(await none.sandboxes.load("mine")).toBeTypeOf("function");
    const make = await none.sandboxes.load("mine");
    expect(() => make(host)).toThrow(/sandbox "mine": title: /);
    const quickjs = await registries.sandboxes.load("quickjs");
    const other = await (await extend({ sandboxes: { mine: quickjs } })).sandboxes.load("mine");
    expect(() => other(host)).toThrow('sandbox "mine": it calls itself "quickjs"');
  });
});

describe("a sandbox of a configuration", () => {
  const made = async (own: object) => {
    const mine = () => ({ ...fakeSandbox({ id: "mine" }), ...own }) as Sandbox;
    return (await (await extend({ sandboxes: { mine } })).sandboxes.load("mine"))(host);
  };
  const rejects = async (promise: Promise<unknown>, message: string) => {
    const rejection = expect(promise).rejects;
    await rejection.toMatchObject({ code: "CONFIG", message: `Configuration mine.ts: sandbox "mine"${message}` });
  };

  test.for([
    [{ title: "" }, "title: Too small"],
    [{ isolation: "vm" }, 'isolation: Invalid option: expected one of "none"|"interpreter"|'],
    [{ control: undefined }, "control: Invalid input: expected boolean"],
    [{ languages: [] }, "languages: expected at least one language"],
    [{ languages: ["ruby"] }, 'languages.0: Invalid option: expected one of "javascript"|"python"'],
    [
      { enforces: ["wallTime", "cpu"] },
      'enforces.1: Invalid option: expected one of "wallTime"|"memory"|"output"|"processes"|"disk"',
    ],
    [{ bridgeTransport: undefined }, "bridgeTransport: Invalid input: expected string"],
    [{ persists: { files: true, globals: true } }, "persists.globals: Invalid input: expected array"],
    [{ persists: { globals: [] } }, "persists.files: Invalid input: expected boolean"],
    [{ version: undefined }, "version: Invalid input: expected string"],
    [{ sharesHostLoop: "yes" }, "sharesHostLoop: "],
    [{ maxSessions: undefined }, "maxSessions: expected a whole number of sessions"],
    [{ maxSessions: 1.5 }, "maxSessions: expected a whole number of sessions"],
    [{ maxSessions: 0 }, "maxSessions: expected at least one session"],
    [{ emulates: undefined }, "emulates: expected text, or null where nothing is emulated"],
    [{ configuration: undefined }, "configuration: expected JSON, because it is hashed"],
    [{ configuration: { flags: () => "" } }, "configuration.flags: expected JSON, because it is hashed"],
    [{ available: undefined }, "available: expected a function"],
    [{ open: undefined }, "open: expected a function"],
    [{ sweep: undefined }, "sweep: expected a function"],
    [{ dispose: undefined }, "dispose: expected a function"],
  ] as const)("with %o is refused, and told what is wanted", async ([own, problem]) => {
    await expect(made(own)).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining(`Configuration mine.ts: sandbox "mine": ${problem}`),
    });
  });

  test("is refused as nothing, or as a promise, whatever that ends with", async () => {
    const make = async (mine: unknown) =>
      (await (await extend({ sandboxes: { mine: mine as SandboxFactory } })).sandboxes.load("mine"))(host);
    await expect(make(() => undefined)).rejects.toThrow(
      'sandbox "mine": what its factory returned: Invalid input: expected object',
    );
    const late = async () => {
      throw new Error("boom");
    };
    await expect(make(late)).rejects.toThrow(
      'sandbox "mine": its factory returned a promise. It must return the sandbox; what takes time belongs in available() or open().',
    );
  });

  test("that throws is named with its file, what it was asked, and what it must do", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    const factory = (await extend({ sandboxes: { mine: boom } })).sandboxes.load("mine");
    const fix = "It only makes the sandbox; what can be missing is for available() to find.";
    await rejects(
      factory.then((make) => make(host)),
      ` threw in its factory: boom. ${fix}`,
    );
    const sandbox = await made({ available: boom, sweep: () => Promise.reject("boom"), dispose: boom, open: boom });
    await rejects(sandbox.available(), " threw in available(): boom. It must return unavailable, with a reason and a fix.");
    await rejects(sandbox.sweep(), " threw in sweep(): boom. It must leave what it cannot remove, and not throw.");
    await rejects(sandbox.dispose(), " threw in dispose(): boom. It must end what it keeps, and not throw.");
    const open = sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
    await expect(open).rejects.toThrow(/^boom$/);
  });

  test.for([
    [undefined, "its answer: Invalid input: expected object"],
    [{ status: "yes" }, "status: Invalid "],
    [{ status: "unavailable", reason: "no daemon" }, "fix: Invalid input: expected string"],
  ] as const)("whose available() answers %o is refused", async ([answer, problem]) => {
    const { available } = await made({ available: async () => answer });
    await expect(available()).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringMatching(
        `: available\\(\\): ${problem}.* It must return { status: "available" }, or unavailable with a`,
      ),
    });
  });

  test("may have its version late, be an instance of a class, and be unavailable", async () => {
    class Mine {
      #asked = false;
      get version() {
        return this.#asked ? "mine 2" : "not asked";
      }
      async available() {
        this.#asked = true;
        return { status: "unavailable", reason: "no daemon", fix: "Start one." };
      }
    }
    const { version: _version, available: _available, ...rest } = fakeSandbox({ id: "mine" });
    const mine = () => Object.assign(new Mine(), rest) as unknown as Sandbox;
    const sandbox = (await (await extend({ sandboxes: { mine } })).sandboxes.load("mine"))(host);
    expect(await sandbox.available()).toEqual({ status: "unavailable", reason: "no daemon", fix: "Start one." });
    expect(sandbox.version).toBe("mine 2");
  });
});

test("own parts stand behind the project's; scenarios, counters and reports are selected by default, sandboxes are not", async () => {
  const quickjs = await registries.sandboxes.load("quickjs");
  const all = await extend({ scenarios: [named("mine")], counters: [words], reporters: [lines], sandboxes: { mine: quickjs } });
  expect(all.scenarios.ids).toEqual([...registries.scenarios.ids, "mine"]);
  expect(all.scenarios.defaults.at(-1)).toBe("mine");
  expect(all.counters.defaults).toEqual([...registries.counters.defaults, "words"]);
  expect(all.reporters.defaults).toEqual([...registries.reporters.defaults, "lines"]);
  expect(all.sandboxes.ids).toEqual([...registries.sandboxes.ids, "mine"]);
  expect(all.sandboxes.defaults).toEqual(registries.sandboxes.defaults);
  expect(await all.counters.load("words")).toBe(words);
  expect((await all.counters.load("o200k_base")).id).toBe("o200k_base");
});

test("a mode brings how scripts play it, and every mode of the project has that", async () => {
  const agent: ScriptedAgent = function* () {
    yield { content: [{ type: "text", text: "done" }] };
  };
  const direct = await registries.modes.load("direct-tool-call");
  const all = await extend({ modes: [{ ...direct, id: "mine", agent }] });
  expect(all.agents.ids).toEqual(all.modes.ids);
  expect(await all.agents.load("mine")).toBe(agent);
  await expect(all.agents.load("other")).rejects.toMatchObject({ code: "UNKNOWN_ID" });
});

describe("the command line", () => {
  const text = `export default { counters: [{ id: "words", title: "Words of mine", version: "1", estimate: true, count: () => 1 }] };`;
  const list = async (...args: string[]) => {
    const fake = fakeProcess({ args: ["list", "counters", ...args], cwd: folder, registries });
    return { code: await runCli(fake), ...fake.written };
  };

  test("takes the configuration in the working directory, unless another is named", async () => {
    await written(text, "mcp-code-bench.config.ts");
    await written(text.replaceAll("ords", "orks"), "other.ts");
    expect((await list()).stdout).toContain("* words          Words of mine");
    expect((await list("--config", "other.ts")).stdout).toContain("* works          Works of mine");
  });

  test("does without one", async () => {
    expect(await list()).toMatchObject({ code: 0, stdout: expect.not.stringContaining("words") });
  });

  test("exits with 2 when the one that is named is missing", async () => {
    const { code, stderr } = await list("--config", "none.ts");
    expect(code).toBe(2);
    expect(stderr).toBe(`error: Configuration ${join(folder, "none.ts")}: no such file. Check --config.\n`);
  });
});

describe("in a folder of CommonJS modules", () => {
  const bin = fileURLToPath(new URL("../bin.mjs", import.meta.url));
  const list = (...args: string[]) => spawnSync(execPath, [bin, "list", "counters", ...args], { cwd: folder, encoding: "utf8" });
  const text = `import { words } from "./words.ts";\nexport default { counters: [words] };`;
  const part = `export const words = { id: "words", title: "Words of mine", version: "1", estimate: true, count: () => 1 };`;
  beforeEach(async () => {
    await written(`{ "name": "mine", "type": "commonjs" }`, "package.json");
    await written(part, "words.ts");
    await written(text, "mcp-code-bench.config.ts");
  });

  test("the fix says what makes it a module, and each of both ways works", async () => {
    const { status, stderr } = list();
    expect(status).toBe(2);
    expect(stderr).toContain(
      `(Cannot use import statement outside a module). Set "type": "module" in ${join(folder, "package.json")}; or rename it and the parts it imports to .mts, and name it with --config.\n`,
    );
    await written(part, "words.mts");
    await written(text.replace("words.ts", "words.mts"), "own.mts");
    expect(list("--config", "own.mts").stdout).toContain("Words of mine");
    await written(`{ "name": "mine", "type": "module" }`, "package.json");
    expect(list().stdout).toContain("Words of mine");
  });

  test.for([
    { type: "commonjs", text: "export default { counters: [ };" },
    { type: "module", text: `import { lines } from "./words.ts";\nexport default { counters: [lines] };` },
  ])("a mistake is still one: %o", async ({ type, text }) => {
    await written(JSON.stringify({ name: "mine", type }), "package.json");
    await written(text, "mcp-code-bench.config.ts");
    expect(list().stderr).toContain("Mend the file; node FILE shows the whole error.\n");
  });
});

test("types writes the files that programs import", async () => {
  const fake = fakeProcess({ args: ["types", "slack-polling", "--out", "tree"], cwd: folder, registries });
  expect(await runCli(fake)).toBe(0);
  const own = await readFile(join(folder, "tree/servers/slack/get_channel_history.ts"), "utf8");
  expect(own).toBe(buildTree(slackTools).get("servers/slack/get_channel_history.ts"));
});
