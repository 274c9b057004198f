import { expect, test } from "vitest";
import { fakeSandbox } from "../../testing/fake-sandbox.ts";
import { checksOf } from "./checks.ts";
import { failsAsExpected, mistakesIn } from "./expected-failures.ts";

const reason = "it is known";
const both = { enforces: ["memory"], languages: ["javascript", "python"] } as const;

test.each([
  [{ check: "guest-globals", reason }, []],
  [{ check: "exits", language: "python", reason }, []],
  [{ check: "memory-bufers", reason }, ["there is no check memory-bufers; did you mean memory-buffers?"]],
  [
    { check: "guest-globals", language: "python", reason },
    [expect.stringMatching(/^there is no check guest-globals of python; did you mean /)],
  ],
  [
    { check: "memory-buffers", reason },
    ["memory-buffers is of the limit memory, which the backend declares: enforce it, or take memory out of enforces"],
  ],
] as const)("the expected failure %j has the mistakes %j", (failure, mistakes) => {
  expect(mistakesIn([failure], both)).toEqual(mistakes);
});

test("a language that the backend has not is said to be that", () => {
  const mistakes = mistakesIn([{ check: "exits", language: "python", reason }], { enforces: [], languages: ["javascript"] });
  expect(mistakes).toEqual(["there is no check exits of python; the backend has no python"]);
});

test("an expected failure that passes is to be removed, one that fails is as expected", async () => {
  const [check] = checksOf.javascript;
  if (check === undefined) throw new Error("no check");
  const context = (text: string) => ({ sandbox: fakeSandbox({ play: () => text }), tmpDir: "", canaryFile: "" });
  await expect(failsAsExpected(check, context(`n 42 {"n":42}`))).rejects.toThrow(
    "result passed: remove it from the expected failures",
  );
  await expect(failsAsExpected(check, context("wrong"))).resolves.toBeUndefined();
});
