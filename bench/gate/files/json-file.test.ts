import { describe, expect, test } from "vitest";
import { parseBudgets } from "./budgets.ts";
import { parseJsonFile } from "./json-file.ts";
import { parseLock } from "./lockfile.ts";

const parse = (text: string) => parseJsonFile(text, "a.json", "Mend it.");

test("a byte order mark is passed over, one of them and at the start", () => {
  expect(parse('\ufeff{"a": "\ufeff"}')).toEqual({ a: "\ufeff" });
  expect(() => parse("\ufeff\ufeff{}")).toThrow("a.json: not valid JSON. Mend it.");
  expect(() => parse('{\ufeff"a": 1}')).toThrow("a.json: not valid JSON. Mend it.");
});

describe("a key that stands twice in one object is refused, with its line", () => {
  test.each([
    ['{"a": 1, "a": 1}', 1, "a"],
    ['{\n  "a": 1,\n  "b": 2,\n  "a": 1\n}', 4, "a"],
    ['{\r\n"list": [\r\n{"a": {"a": [{}]}, "b": "}",\r\n"a": 2}]}', 4, "a"],
    ['{"a": 1, "\\u0061": 2}', 1, "a"],
    ['{"a\\"b": 1,\n"a\\"b": 2}', 2, 'a\\"b'],
    ['{"": 1,\n"" : 2}', 2, ""],
    ['{"\\\\": {}, "c": "\\\\",\n"\\\\": 1}', 2, "\\\\"],
    ['{"__proto__": 1,\n"__proto__": 2}', 2, "__proto__"],
    ['\ufeff{"a": 1,\n"a": 2}', 2, "a"],
  ])("%j", (text, line, key) => {
    expect(() => parse(text)).toThrow(`a.json: line ${line}: "${key}" stands twice in one object. Leave one of the two.`);
  });

  test.each([
    ['{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}'],
    ['{"a": "a", "b": "a", "c": ["a", "a"], "A": 1}'],
    ['{"a": "\\"a\\": 1, {", "b": "}", "c": "\\\\"}'],
    ['["a", "a", {"constructor": 1, "toString": 2}]'],
    ['"a"'],
  ])("and %s has none", (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });
});

test("budget files and lockfiles are read so", () => {
  const twice = '{"budgets": [{\n"scenario": "a", "mode": "b", "measure": "billed", "limit": "9 M",\n"limit": "1"}]}';
  expect(() => parseBudgets(twice, "b.json")).toThrow('b.json: line 3: "limit" stands twice in one object.');
  expect(parseBudgets(`\ufeff${twice.replace(',\n"limit": "1"', "")}`, "b.json")).toHaveLength(1);
  const lock =
    '{"lockVersion": 3, "counter": "c", "serialisation": "json", "ledgerVersion": 2, "selection": {"scenarios": [], "modes": [], "baseline": "d", "models": [], "languages": [], "policies": [], "outputSchemas": [], "bounds": true, "tools": [], "params": [], "seeds": 1, "profile": "p", "catalogue": null}, "measures": ["peakContext", "billedInput", "billedOutput"], "groups": []}';
  expect(() => parseLock(lock.replace("{", '{"counter": "d", '), "l.json")).toThrow('l.json: line 1: "counter" stands twice');
  expect(parseLock(`\ufeff${lock}`, "l.json").groups.size).toBe(0);
});
