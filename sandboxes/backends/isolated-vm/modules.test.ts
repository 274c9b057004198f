/** What programs may write as modules, in a realm whose modules are functions: the same text as in an engine of its own. */
import { afterAll, expect, test } from "vitest";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { quickjs } from "../quickjs/sandbox.ts";
import { isolatedVm } from "./sandbox.ts";

const backends = [testSandbox(quickjs), testSandbox(isolatedVm)];
afterAll(async () => {
  for (const { dispose } of backends) await dispose();
});

const files = new Map([
  [
    "a.ts",
    `export const { x, y: [z, ...rest], w = 4 } = { x: 1, y: [2, 3, 5] } as any;\nexport let count = 0;\nexport function up() { count++; return count; }`,
  ],
  [
    "b.ts",
    `export default class Named { static n = 7; }\nexport * from "./a.ts";\nexport * as all from "./a.ts";\nexport { x as "odd name", up as default2 } from "./a.ts";`,
  ],
  ["c.ts", `const hidden = "h"; export { hidden as shown, hidden };\nexport default (a: number) => a + 1;`],
  ["d.ts", `import { e } from "./e.ts"; export const d = "d"; export const late = () => e;`],
  ["e.ts", `import * as other from "./d.ts"; export const e = "e"; export const back = () => other.d;`],
  ["f.ts", `export default function () { return "anonymous"; }\nexport async function* many() { yield 1; }`],
  ["data.json", `{"k": [1]}`],
]);

const programs: Record<string, string> = {
  "every kind of export and import": `import Named, { all, default2, "odd name" as odd, z, rest, w } from "./b.ts";
import plus, { shown } from "./c.ts"; import anonymous, * as f from "./f.ts";
import data from "./data.json" with { type: "json" };
console.log(Named.n, all.x, default2(), odd, z, rest, w, plus(1), shown, anonymous(), typeof f.many, data, Object.keys(all).sort());`,
  "imports hoist, run once, and in order": `console.log(shown); import { shown } from "./c.ts"; import { up as one } from "./a.ts"; import { up as two } from "./b.ts";
console.log(one(), two(), (await import("./a.ts")).count);`,
  "modules that import each other": `import { late } from "./d.ts"; import { back } from "./e.ts"; console.log(late(), back());`,
  "import in strings, comments, templates and members": `const o = { import: (s: string) => s }; // import("x")
console.log("import(1)", \`import(\${o.import("2")})\`, /import\\(/.test("import("), await import("./c.ts").then((m) => Object.keys(m).sort()));`,
  "a strict module with its own this": `console.log(this === undefined, (function (this: unknown) { return this === undefined; })());`,
  "a frame in an imported file, after a multi-line import": `import {\n  x,\n  up,\n} from "./a.ts";\nvoid [x, up];\nconst boom = () => {\n  throw new Error("here");\n};\nboom();`,
};

test.each(Object.entries(programs))("%s", async (_title, source) => {
  const bridge = { call: async () => ({ status: "ok", text: "" }) as const };
  const texts = await Promise.all(
    backends.map(async ({ sandbox }) => {
      const session = await sandbox.open({ language: "javascript", files, memoryBytes: 2 ** 26 });
      const limits = { bridge, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
      return (await session.run({ file: "program.ts", source }, limits).finally(() => session.close())).text;
    }),
  );
  expect(texts[1]).toBe(texts[0]);
  expect(texts[0]).not.toMatch(/^Error: (SyntaxError|ReferenceError|TypeError)/m);
});
