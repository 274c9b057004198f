import { expect, test } from "vitest";
import { ownFrames, resultText, runError } from "./result-text.ts";

const output = (text: string, cut = false) => ({ text, cut });

test("V8 and QuickJS stacks give the same frames: workspace files only, no columns, no async frames", () => {
  const v8 = `TypeError: bad
    at pick (workspace:/lib/a%20b.ts:6:9)
    at Array.map (<anonymous>)
    at new Row (workspace:/program.ts:2:1)
    at node:internal/modules/run_main:101:5
    at file:///home/me/project/host.ts:3:4
    at workspace:/program.ts:9:15
    at async workspace:/program.ts:12:1`;
  const quickjs = `    at pick (workspace:/lib/a%20b.ts:6:9)
    at map (native)
    at Row (workspace:/program.ts:2:1)
    at start (guest:prelude:30:5)
    at <anonymous> (workspace:/program.ts:9:15)
`;
  const frames = [
    { file: "lib/a b.ts", line: 6 },
    { file: "program.ts", line: 2 },
    { file: "program.ts", line: 9 },
  ];
  expect(ownFrames(v8)).toEqual(frames);
  expect(ownFrames(quickjs)).toEqual(frames);
});

test("frames are bounded, and a stack of nonsense gives no frames", () => {
  expect(ownFrames("    at f (workspace:/program.ts:1:1)\n".repeat(5000))).toHaveLength(10);
  expect(ownFrames("at /etc/passwd:1:1\n    at workspace:/:x\n    at workspace:/%E0%A4%A:1:1")).toEqual([
    { file: "%E0%A4%A", line: 1 },
  ]);
  expect(ownFrames(`    at ${"(".repeat(200_000)}`)).toEqual([]);
});

test("output comes first and keeps its lines; one final newline is not shown", () => {
  const error = runError({ name: "Error", message: "m", stack: "    at f (workspace:/program.ts:3:1)" }, 1000);
  expect(resultText(output("a\n\nb\n\n"), undefined, 1000)).toBe("a\n\nb\n");
  expect(resultText(output("a\n"), error, 1000)).toBe("a\nError: Error: m\n    at program.ts:3");
  expect(resultText(output(""), error, 1000)).toBe("Error: Error: m\n    at program.ts:3");
  expect(resultText(output(""), undefined, 1000)).toBe("");
});

test("text is cut on a code point at the limit, with one fixed line", () => {
  expect(resultText(output("ééééé\n"), undefined, 7)).toBe("ééé\n[output cut at 7 bytes]");
  expect(resultText(output("🎉🎉"), undefined, 7)).toBe("🎉\n[output cut at 7 bytes]");
  expect(resultText(output("exact12"), undefined, 7)).toBe("exact12");
  expect(resultText(output("exact12", true), undefined, 7)).toBe("exact12\n[output cut at 7 bytes]");
});

test("an error is shown after output that was cut, and is itself cut past half", () => {
  const error = runError({ name: "Error", message: "m", stack: "" }, 100);
  expect(resultText(output("x".repeat(200)), error, 100)).toBe(`${"x".repeat(85)}\n[output cut at 100 bytes]\nError: Error: m`);
  const huge = runError({ name: "Error", message: "y".repeat(500), stack: "" }, 100);
  expect(resultText(output("x".repeat(200)), huge, 100)).toBe(
    `${"x".repeat(50)}\nError: Error: ${"y".repeat(36)}\n[output cut at 100 bytes]`,
  );
});

test("lone surrogates become U+FFFD, in output and in errors", () => {
  const error = runError({ name: "N\udc00", message: "\ud800", stack: "" }, 100);
  expect(resultText(output("a\ud83d"), error, 100)).toBe("a\uFFFD\nError: N\uFFFD: \uFFFD");
});
