import { expect, test } from "vitest";
import { measureJson } from "./measure-json.ts";

test.each([
  ["[[[]]]", 2, 100, "depth"],
  ["[[1],[2],[3]]", 2, 100, undefined],
  ['{"a":"[[[[\\"{{{"}', 2, 100, undefined],
  ['{"a":"\\\\","b":[[[]]]}', 2, 100, "depth"],
  ['"unfinished [[[[', 2, 100, undefined],
  ["[".repeat(100_000), 500, 1e9, "depth"],
  ["[{},{},{},{}]", 5, 5, "values"],
  ['["a,b,c,d,e,f,g"]', 5, 5, undefined],
  [`[${"1,".repeat(1_000_000)}1]`, 5, 1_000, "values"],
])("%.20s is measured outside strings (depth %i, values %i): %s", (json, depth, values, fault) => {
  expect(measureJson(json, depth, values).fault).toBe(fault);
});

test.each(['{"a":[1,2,{"b":null}],"c":"x,y"}', "[]", "1", '[[],[],{"a":{}}]'])(
  "%s counts no fewer values than parsing makes",
  (json) => {
    let made = 0;
    JSON.parse(json, (_, value) => {
      made++;
      return value;
    });
    expect(measureJson(json, 500, 1e9).values).toBeGreaterThanOrEqual(made);
  },
);
