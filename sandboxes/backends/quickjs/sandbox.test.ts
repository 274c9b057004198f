import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { quickjs } from "./sandbox.ts";

await describeBackend("quickjs");

const { sandbox, dispose } = testSandbox(quickjs);
afterAll(dispose);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

async function play(source: string, { memoryBytes = 2 ** 25, bridge = silent } = {}) {
  const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes });
  return session.run({ file: "program.ts", source }, { ...limits, bridge }).finally(() => session.close());
}

test("files that would exceed the memory limit are refused as on a full disk", async () => {
  const outcome = await play(`import { writeFile } from "node:fs/promises";
const text = "x".repeat(5_000_000);
for (let i = 0; i < 20; i++) await writeFile("f" + i, text);`);
  expect(outcome.text).toBe("Error: Error: ENOSPC: no space left on device, open 'f6'\n    at program.ts:3");
});

test("arguments that pile up outside the virtual machine count as memory", async () => {
  const outcome = await play(
    `const text = "x".repeat(1_000_000);\nfor (let i = 0; i < 100; i++) void callTool("lab", "x", { text });`,
  );
  expect(outcome).toMatchObject({ status: "limit-exceeded", limit: "memory" });
});

test("a tool result that the memory limit has no room for ends the program as that limit's doing", async () => {
  const text = "x".repeat(3_000_000);
  const replies = {
    text: { text },
    structured: { text: "", structured: { rows: Array.from({ length: 100_000 }, (_, i) => ({ i })) } },
  };
  const bridge: GuestBridge = {
    call: async (_server, tool) => ({ status: "ok", ...replies[tool as keyof typeof replies] }),
  };
  for (const tool of Object.keys(replies)) {
    const outcome = await play(`console.log(typeof (await callTool("lab", "${tool}", {})));`, { memoryBytes: 2 ** 20, bridge });
    expect(outcome, tool).toMatchObject({ status: "limit-exceeded", limit: "memory" });
  }
});

test("a file that the memory limit has no room for ends the program in the same way", async () => {
  const outcome = await play(
    `import { readFile, writeFile } from "node:fs/promises";
const all: string[] = ["x".repeat(1_000_000)];
await writeFile("f", all[0] ?? "");
for (;;) all.push(await readFile("f", "utf8"));`,
    { memoryBytes: 2 ** 23 },
  );
  expect(outcome).toMatchObject({ status: "limit-exceeded", limit: "memory" });
});

test("a pattern that the memory limit has no room for ends the program in the same way", async () => {
  const outcome = await play(`const all: RegExp[] = [];\nfor (let i = 0; ; i++) all.push(new RegExp("a" + i));`);
  expect(outcome).toMatchObject({ status: "limit-exceeded", limit: "memory" });
});

test("engine errors show no path of the host", async () => {
  const outcome = await play(`try { await import("./none.ts"); } catch (e) { console.log((e as Error).stack); }
console.log(new Error("x").stack?.includes("file:"), Object.keys(globalThis).filter((name) => name.includes("uest")));`);
  expect(outcome.text).not.toMatch(/node_modules|file:\/\/|quickjs-/);
});

test("a program that tampers with the realm's built-ins hurts itself alone", async () => {
  for (const source of [
    `Object.prototype.toJSON = () => ({ status: 1 }); console.log({ a: 1 });`,
    `Array.prototype.shift = () => undefined; setTimeout(() => {}, 0);`,
    `Map.prototype.delete = () => { throw 1; }; Map.prototype.get = () => ({ resolve: 5 }); await callTool("lab", "x", {});`,
    `Promise.prototype.then = () => { throw new Error("then"); }; await callTool("lab", "x", {});`,
    `Error.prototype.toString = () => { throw 1; }; Error.prepareStackTrace = () => 5; throw new Error("x");`,
    `globalThis.Error = undefined as never; String.prototype.slice = undefined as never; null.x;`,
    `delete (globalThis as any).Symbol; for (const key of Object.getOwnPropertyNames(globalThis)) delete (globalThis as any)[key];`,
  ]) {
    const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 25 });
    const outcome = await session.run({ file: "program.ts", source }, { ...limits, wallTimeMs: 500 });
    expect(["returned", "threw", "limit-exceeded"]).toContain(outcome.status);
    await session.close();
    expect((await play(`console.log("next");`)).text).toBe("next");
  }
});

test("sessions opened and closed in a row use the same thread", async () => {
  for (let i = 0; i < 50; i++) expect((await play(`console.log(${i});`)).text).toBe(String(i));
});

test("a session sees its own tree, whichever trees its thread was given before", async () => {
  // More trees than a thread keeps, each used again after others.
  const trees = Array.from({ length: 40 }, (_, i) => new Map([["servers/lab/which.ts", `export const which = ${i};`]]));
  for (const i of [0, 1, 0, ...trees.keys(), 3, 39, 3, 20]) {
    const session = await sandbox.open({ language: "javascript", files: trees[i] ?? new Map(), memoryBytes: 2 ** 25 });
    const source = `import { which } from "./servers/lab/which.ts";\nconsole.log(which);`;
    const { text } = await session.run({ file: "program.ts", source }, limits).finally(() => session.close());
    expect(text).toBe(String(i));
  }
});

test("a program finds no trace of the one before it, however often an instance was used", async () => {
  const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 25 });
  const marks = `[typeof secret, Object.prototype.mark, [].mark, JSON.mark, typeof setTimeout.mark, Math.random()].join()`;
  const dirty = `console.log(${marks}); globalThis.secret = "s"; Object.prototype.mark = 1; Array.prototype.mark = 2;
JSON.mark = 3; setTimeout.mark = 4; JSON.parse = () => 0; Promise.prototype.then = () => 0; setInterval(() => {}, 1e6); throw 1;`;
  const texts = new Set<string>();
  for (let i = 0; i < 60; i++) {
    // Between them programs that make the memory grow, or end while a call is under way.
    const other = [`globalThis.secret = "x".repeat(2e7);`, `void callTool("lab", "x", {});`, "1"][i % 3] ?? "";
    await session.run({ file: "program.ts", source: other }, limits);
    const { text } = await session.run({ file: "program.ts", source: dirty }, limits);
    texts.add(text.split("\n")[0] ?? "");
  }
  await session.close();
  expect(texts.size).toBe(1);
  expect([...texts][0]).toMatch(/^undefined,,,,undefined,0\.\d+$/);
});

test("100 sessions at once all answer", async () => {
  const bridge: GuestBridge = { call: async (_server, _tool, input) => ({ status: "ok", text: "", structured: input }) };
  const open = { language: "javascript", files: new Map(), memoryBytes: 2 ** 25 } as const;
  const sessions = await Promise.all(Array.from({ length: 100 }, () => sandbox.open(open)));
  const source = (i: number) => `console.log(await callTool("lab", "echo", { i: ${i} }));`;
  const outcomes = await Promise.all(
    sessions.map((session, i) => session.run({ file: "program.ts", source: source(i) }, { ...limits, bridge })),
  );
  expect(outcomes.map(({ text }) => text)).toEqual(outcomes.map((_, i) => `{"i":${i}}`));
  await Promise.all(sessions.map((session) => session.close()));
});
