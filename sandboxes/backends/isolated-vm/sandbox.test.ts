import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { isolatedVm } from "./sandbox.ts";

await describeBackend("isolated-vm");

const { sandbox, dispose } = testSandbox(isolatedVm);
afterAll(dispose);

const echo: GuestBridge = { call: async (_server, _tool, input) => ({ status: "ok", text: "", structured: input }) };
const limits: RunOptions = { bridge: echo, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
const open = () => sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });

async function play(source: string, options: Partial<RunOptions> = {}) {
  const session = await open();
  return session.run({ file: "program.ts", source }, { ...limits, ...options }).finally(() => session.close());
}

test("a guest that makes V8 abort has exceeded its memory, and takes no other session with it", async () => {
  const other = await open();
  for (const source of [
    `const all: unknown[] = []; for (;;) { try { const s = "x".repeat(2 ** 28); all.push(s.split("")); } catch {} }`,
    `const m = new Map(); for (let i = 0; ; i++) m.set(i, i);`,
    `const all: unknown[] = []; for (;;) all.push(new Array(3e7).fill(1.5));`,
  ]) {
    expect(await play(source)).toMatchObject({ status: "limit-exceeded", limit: "memory" });
  }
  const { text } = await other.run({ file: "program.ts", source: `console.log("lives");` }, limits);
  expect(text).toBe("lives");
  await other.close();
});

test("nothing that a guest can reach is a handle of the library's, and no walk leaves its realm", async () => {
  const source = `const seen = new Set<unknown>(), odd: string[] = [];
const walk = (value: any, path: string) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  if (/\\b(Reference|Isolate|Context|ExternalCopy|Callback)\\b/.test(Object.prototype.toString.call(value) + " " + value.constructor?.name)) odd.push(path);
  if (typeof value.constructor === "function" && !(value.constructor instanceof Function)) odd.push(path + ".constructor");
  for (const key of Reflect.ownKeys(value)) { try { walk(value[key], path + "." + String(key)); } catch {} }
  walk(Object.getPrototypeOf(value), path + ".__proto__");
};
walk(globalThis, "globalThis");
walk(await callTool("lab", "echo", { a: [1] }), "result");
await callTool("lab", "echo", 1 as never).catch((e) => walk(e, "error"));
await import("node:fs/promises").then((fs) => walk(fs, "fs"));
const reach = (f: any) => { try { return typeof f.constructor.constructor("return process")(); } catch (e) { return (e as Error).message; } };
console.log(odd, seen.size > 500, reach(globalThis), reach(callTool), reach(callTool("lab", "echo", {})));`;
  expect((await play(source)).text).toBe("[] true process is not defined process is not defined process is not defined");
});

test("an error that nobody awaits keeps the name, the message and the frames that its program gave it", async () => {
  const reject = (thrown: string) => play(`void (async () => {\n  ${thrown}\n})();`).then(({ text }) => text);
  expect(await reject(`const e = new Error("m"); e.name = "Own"; throw e;`)).toBe(
    "Error: Own: m\n    at program.ts:2\n    at program.ts:3",
  );
  expect(await reject(`const e = new Error("m"); e.name = "Own"; String(e.stack); throw e;`)).toMatch(/^Error: \w+: m\n/);
  expect(await reject(`throw { why: 1 };`)).toBe(`Error: Uncaught: {"why":1}`);
  expect(await reject(`class Mine extends TypeError { name = "Mine"; } throw new Mine("m");`)).toMatch(/^Error: Mine: m\n/);
});

test("100 sessions at once all answer", async () => {
  const sessions = await Promise.all(Array.from({ length: 100 }, open));
  const source = (i: number) => `console.log(await callTool("lab", "echo", { i: ${i} }));`;
  const outcomes = await Promise.all(
    sessions.map((session, i) => session.run({ file: "program.ts", source: source(i) }, limits)),
  );
  expect(outcomes.map(({ text }) => text)).toEqual(outcomes.map((_, i) => `{"i":${i}}`));
  await Promise.all(sessions.map((session) => session.close()));
}, 120_000);
