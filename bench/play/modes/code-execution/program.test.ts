import { expect, test } from "vitest";
import { fillProgram } from "./program.ts";

test("values replace the literals of their constants as JSON", () => {
  const source = 'const id = "x";\nconst days = 1;\nconst other = id;\n';
  expect(fillProgram(source, { id: 'a"$&b', days: 7 }, "p.ts")).toBe(
    'const id = "a\\"$&b";\nconst days = 7;\nconst other = id;\n',
  );
});

test("a value without its constant is an error", () => {
  expect(() => fillProgram("const a = 1;\n", { b: 2 }, "p.ts")).toThrow('p.ts has 0 lines "const b = ...;"');
});
