/** The corpus of JavaScript: server `lab` gives its input back or fails. What each program shows is in `golden.json`. */
import type { CorpusProgram } from "./program.ts";

export const javascriptFiles: ReadonlyMap<string, string> = new Map([
  [
    "servers/lab/echo.ts",
    `/** Gives its input back. */\nexport const echo = <T extends object>(input: T): Promise<T> =>\n  callTool("lab", "echo", input);\n`,
  ],
  ["servers/lab/fail.ts", `export const fail = (input: { why: string }): Promise<never> => callTool("lab", "fail", input);\n`],
  [
    "lib/parse.ts",
    `export function parse(text: string): number {\n  const n = Number(text);\n  if (Number.isNaN(n)) {\n    throw new RangeError(\`not a number: \${text}\`);\n  }\n  return n;\n}\n`,
  ],
  ["lib/broken.ts", `export const a = 1;\nexport const b: = 2;\n`],
  ["data.json", `{"rows":[1,2,3]}`],
]);

export const javascriptPrograms: readonly CorpusProgram[] = [
  { id: "nothing", source: `const unused = 1;` },
  {
    id: "strings-as-they-are",
    source: `console.log("a\\tb", 'quote " and \\\\', "ünï → 🎉", "");\nconsole.log("  padded  ");\nconsole.log("two\\nlines");`,
  },
  {
    id: "json-values",
    source: `console.log({ a: 1, "b c": [true, null, "x"] }, [undefined, () => 1], [[]], {});`,
  },
  {
    id: "words",
    source: `console.log(undefined, null, NaN, Infinity, -0, 1e21, 0.1 + 0.2, true, 10n, Symbol("s"), function named() {}, () => 1, class A {});`,
  },
  {
    id: "awkward-values",
    source: `const loop: Record<string, unknown> = { n: 1n }; loop.self = loop; loop.list = [loop];
const shared = { s: 1 };
console.log(loop, { a: shared, b: shared }, new Map([[1, 2]]), new Set([1]), new Date(0), /x/g, new Uint8Array([1, 2]));`,
  },
  {
    id: "errors-printed",
    source: `console.error(new TypeError("bad"), { error: new Error("in") }, [new RangeError("r")]);`,
  },
  {
    id: "hostile-getter-printed",
    source: `console.log({ get a() { throw new Error("no"); } }, "next");`,
  },
  {
    id: "one-order",
    source: `console.log("1"); console.error("2"); console.warn("3"); console.info("4"); console.debug("5"); console.table([6]); console.dir({ n: 7 });`,
  },
  {
    id: "throw-in-function",
    source: `interface Row {\n  id: number;\n}\n\nfunction pick(rows: Row[]): Row {\n  throw new Error(\`no row in \${rows.length}\`);\n}\n\nconst first = pick([]);\nconsole.log(first);`,
  },
  {
    id: "throw-in-callback",
    source: `const twice = (f: (n: number) => number) =>\n  [1, 2].map((n) =>\n    f(n),\n  );\ntwice((n) => {\n  if (n === 2) throw new Error("two");\n  return n;\n});`,
  },
  {
    id: "throw-in-own-file",
    source: `import { parse } from "./lib/parse.ts";\nconsole.log(parse("4"));\nconst n = parse("four");\nconsole.log(n);`,
  },
  {
    id: "throw-after-await",
    source: `async function load(): Promise<void> {\n  await callTool("lab", "echo", {});\n  throw new Error("after");\n}\nasync function main() {\n  await load();\n}\nawait main();`,
  },
  {
    id: "throw-own-class",
    source: `class NotFound extends Error {\n  override name = "NotFound";\n  constructor(id: string) {\n    super("no " + id);\n  }\n}\nthrow new NotFound("lead");`,
  },
  {
    id: "throw-with-cause",
    source: `try {\n  throw new Error("inner");\n} catch (cause) {\n  throw new Error("outer", { cause });\n}`,
  },
  { id: "throw-non-errors", source: `throw { code: 7, list: [1] };` },
  {
    id: "rejected-and-lost",
    source: `async function lose() {\n  throw new Error("lost");\n}\nvoid lose();\nawait callTool("lab", "echo", {});\nconsole.log("never");`,
  },
  {
    id: "tool-error-through-wrapper",
    source: `import { fail } from "./servers/lab/fail.ts";\n\nasync function main() {\n  console.log("start");\n  await fail({ why: "because" });\n}\nawait main();`,
  },
  {
    id: "tool-error-caught",
    source: `import { fail } from "./servers/lab/fail.ts";\ntry {\n  await fail({ why: "x" });\n} catch (error) {\n  console.error("caught:", error);\n  console.log(String(error), error instanceof Error, error instanceof TypeError);\n}`,
  },
  {
    id: "bad-inputs",
    source: `const loop: Record<string, unknown> = {}; loop.me = loop;\nfor (const input of [undefined, 5, "s", [], loop, { f: 1n }] as never[]) {\n  await callTool("lab", "echo", input).catch((error) => console.log(String(error)));\n}\nawait callTool("lab", "echo", null as never);`,
  },
  {
    id: "settled-in-order",
    source: `import { echo } from "./servers/lab/echo.ts";\nconst all = await Promise.allSettled([1, 2, 3].map((n) => (n === 2 ? callTool("lab", "fail", { why: n }) : echo({ n }))));\nconsole.log(all.map((r) => (r.status === "fulfilled" ? r.value : String(r.reason))));`,
  },
  {
    id: "files",
    source: `import { appendFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
await mkdir("out/a/b", { recursive: true });
await mkdir("out/a/b", { recursive: true });
await writeFile("out/a/b/x.csv", "id,name\\n1,é\\n");
await appendFile("out/a/b/x.csv", "2,ü\\n");
await writeFile("out/bytes", new Uint8Array([104, 105, 255]));
console.log(await readFile("out/a/b/x.csv", "utf8"));
console.log(await readFile("/workspace/out/bytes", { encoding: "utf-8" }), [...((await readFile("out/bytes")) as Uint8Array)]);
console.log(await readdir("/workspace"), await readdir("out", { recursive: true }), (await stat("out/a/b/x.csv")).size);
const [entry] = (await readdir("out", { withFileTypes: true })) as any[]; console.log(entry.name, entry.isDirectory(), entry.isFile());`,
  },
  {
    id: "file-errors",
    source: `import * as fs from "node:fs/promises";
const tries: [string, () => Promise<unknown>][] = [
  ["missing", () => fs.readFile("nope.txt", "utf8")], ["folder", () => fs.readFile("lib")], ["list file", () => fs.readdir("data.json")],
  ["list missing", () => fs.readdir("nope")], ["no parent", () => fs.writeFile("no/where.txt", "x")], ["under file", () => fs.writeFile("data.json/x", "x")],
  ["onto folder", () => fs.writeFile("lib", "x")], ["exists", () => fs.mkdir("lib")], ["mkdir on file", () => fs.mkdir("data.json", { recursive: true })],
  ["mkdir below nothing", () => fs.mkdir("a/b")], ["stat", () => fs.stat("nope")], ["read-only", () => fs.writeFile("servers/x", "x")],
  ["escape", () => fs.readFile("../../etc/passwd", "utf8")], ["absolute", () => fs.readFile("/etc/passwd")], ["encoding", () => fs.readFile("data.json", "latin1" as never)],
  ["data", () => fs.writeFile("x", { a: 1 } as never)], ["path", () => fs.readFile(5 as never)],
];
for (const [what, attempt] of tries) await attempt().then(() => console.log(what, "worked"), (e) => console.log(what, String(e), e.code));
await fs.readFile("gone.txt", "utf8");`,
  },
  {
    id: "imports",
    source: `import data from "./data.json";\nimport { parse } from "/workspace/lib/parse.ts";\nimport fs from "node:fs/promises";\nconst again = await import("./lib/parse.ts");\nconsole.log(data, parse("7"), again.parse === parse, typeof fs.readFile);`,
  },
  { id: "import-refused-statically", source: `import { readFileSync } from "node:fs";\nconsole.log(readFileSync("x"));` },
  {
    id: "reference-error",
    source: `console.log("x");\nundefinedName();`,
  },
  {
    id: "host-names-absent",
    source: `for (const name of ["fetch", "Buffer", "require", "setImmediate", "Intl", "crypto"]) console.log(name in globalThis);`,
  },
  { id: "deep-recursion", source: `const sum = (n: number): number => n + sum(n + 1);\nsum(0);` },
  {
    id: "virtual-time",
    virtualTime: true,
    source: `const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const start = Date.now();
for (let i = 0; i < 5; i++) { await wait(600_000); console.log("poll", i, Math.round((Date.now() - start) / 600_000)); }
const timer = setInterval((label: string) => console.log(label), 10, "tick"); await wait(35); clearInterval(timer);
await Promise.race([wait(1000).then(() => console.log("slow")), wait(1)]); console.log("end");`,
  },
  {
    id: "job-order",
    source: `setTimeout(() => console.log("timer"), 0);\nPromise.resolve().then(() => console.log("job 1")).then(() => console.log("job 2"));\nqueueMicrotask(() => console.log("micro"));\nconsole.log("sync");\nawait null;\nconsole.log("after await");`,
  },
  {
    id: "unsettled",
    source: `console.log("waiting");\nawait new Promise(() => {});`,
  },
  {
    id: "numbers-and-dates",
    source: `console.log((1234567.891).toLocaleString(), (5).toLocaleString("en-US", { minimumFractionDigits: 2 }), (0.1).toFixed(20), (255).toString(16), Number("0x1f"), parseFloat("3.10"), 2 ** 53, 1 / 3);
const day = new Date("2024-03-09T15:04:05Z"); console.log(day, day.toISOString(), day.toLocaleDateString(), day.toLocaleString(), day.getHours(), String(day), day.toTimeString());`,
  },
  {
    id: "text-work",
    source: `const rows = "b,2\\na,10\\nÄ,3".split("\\n").map((line) => line.split(","));
console.log(rows.sort((a, b) => a[0].localeCompare(b[0])), [10, 9, 1].sort(), "aXbX".replaceAll("X", "-"), [..."👍é"].length, "é".normalize("NFD").length, Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even")));
console.log("2024-01-02".match(/(?<y>\\d+)-(?<m>\\d+)/)?.groups, [3, 1, 2].toSorted(), structuredClone({ d: new Date(0), m: [1] }), new URL("https://a.b/c?d=e#f").searchParams.get("d"), String(new URLSearchParams({ a: "x y", b: "1" })));
const url = new URL("/p?q=1", "https://a.b:8080"); url.searchParams.set("r", "é"); console.log(url.href, [...url.searchParams]);
console.log(new TextDecoder().decode(new TextEncoder().encode("grüße")), encodeURIComponent("a b&ü"), JSON.stringify({ a: [1, { b: 2 }] }, null, 2));`,
  },
  {
    id: "lone-surrogates",
    source: `console.log("x\\ud83dy", ["\\udc00"]);\nthrow new Error("z\\ud800");`,
  },
  { id: "long-output", source: `for (let i = 0; i < 3000; i++) console.log(i, "é".repeat(20));\nthrow new Error("at the end");` },
  { id: "long-line", source: `console.log("ab🎉".repeat(50_000));` },
];

/** Programs that are refused before they run, or whose imports are: most backends share the words, one has its own parser. */
export const refusedPrograms: readonly CorpusProgram[] = [
  {
    id: "import-refused",
    source: `await import("node:os").catch((error) => console.log(String(error)));\nawait import("./lib/none.ts").catch((error) => console.log(String(error)));\nawait import("./lib/broken.ts").catch((error) => console.log(String(error).split(".")[0]));\nawait import("lodash");`,
  },
  {
    id: "syntax-error",
    source: `const a = 1;\nconst b = ;\n`,
  },
  { id: "syntax-error-imported", source: `import { b } from "./lib/broken.ts";\nconsole.log(b);` },
  { id: "type-syntax-unsupported", source: `enum Colour { Red }\nconsole.log(Colour.Red);` },
];

/** Programs whose text differs because engines word or place their own errors; no script may depend on these. */
export const engineWorded: readonly CorpusProgram[] = [
  { id: "property-of-nothing", source: `const o = {} as any;\no.a.b;` },
  { id: "not-a-function", source: `const o = {} as any;\no.f();` },
  { id: "json-parse", source: `JSON.parse("<html>");` },
  {
    id: "none-fulfilled",
    source: `await Promise.any([Promise.reject(new Error("a"))]);`,
  },
  {
    id: "implicit-call",
    source: `function* one() {\n  yield 1;\n  throw new Error("x");\n}\nfor (const n of one())\n  console.log(n);`,
  },
  {
    id: "missing-export",
    source: `import { nope } from "./lib/parse.ts";\nnope;`,
  },
];
