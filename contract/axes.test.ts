import { expect, test } from "vitest";
import { codeRecord } from "../testing/records.ts";
import { axes, axisNames, cellKey, choiceText, nameOf, pick, subjectAxes, tokenAxes, wayAxes, wordsOf } from "./axes.ts";

const { key } = codeRecord({ params: { rows: 1000, serverQuery: false }, tools: 400 });

test("every axis is part of a subject, of a way, of a sample, or the role", () => {
  expect(subjectAxes).toEqual(["scenario", "params", "tools", "model"]);
  expect(wayAxes).toEqual(["mode", "policy", "outputSchemas", "language", "sandbox"]);
  expect(axisNames.filter((name) => axes[name].part === "sample" || axes[name].part === "role")).toEqual([
    "seed",
    "repetition",
    "role",
  ]);
});

test("tokens depend on every axis of subject and way but the sandbox", () => {
  expect(tokenAxes).toEqual([...subjectAxes, ...wayAxes.filter((name) => name !== "sandbox")]);
});

test("equal values have equal names, in whatever order the parameters stand", () => {
  const turned = { ...key, params: { serverQuery: false, rows: 1000 } };
  expect(nameOf(turned, subjectAxes)).toBe(nameOf(key, subjectAxes));
  expect(nameOf({ ...key, model: "another" }, subjectAxes)).not.toBe(nameOf(key, subjectAxes));
});

test("what goes without saying is not said, unless it is asked for", () => {
  expect(wordsOf(key, subjectAxes)).toEqual(["sheet-filter", "rows=1000, serverQuery=false", "400 tools"]);
  expect(wordsOf({ ...key, model: "another", language: "python" }, ["model", "language"])).toEqual(["another", "in python"]);
  expect(choiceText(key, "outputSchemas")).toBe("output schemas real");
});

test("a key is checked axis by axis", () => {
  expect(cellKey.parse(key)).toEqual(key);
  for (const name of axisNames) expect(cellKey.safeParse({ ...key, [name]: undefined }).success, name).toBe(false);
  expect(pick(key, wayAxes)).toEqual({
    ...{ mode: "code-execution", policy: "minimal", outputSchemas: "real", language: "javascript", sandbox: "quickjs" },
  });
});
