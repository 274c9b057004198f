import { expect, test } from "vitest";
import { readFlags } from "../../contract/flags/flag.ts";
import { limitFlags, settingFlags } from "./settings.ts";

const given = (values: { readonly [flag: string]: readonly string[] }) => (name: string) => values[name] ?? [];

test("every setting has its default where nothing is given", () => {
  expect(readFlags(limitFlags, given({}))).toEqual({
    memoryBytes: 2 ** 28,
    wallTimeMs: 30_000,
    outputBytes: 2 ** 20,
    cellTimeMs: 120_000,
  });
  expect(readFlags(settingFlags, given({}))).toMatchObject({
    ...{ scenarios: [], policies: ["minimal"], outputSchemas: ["real"], serialisations: ["json", "raw"], bounds: true },
    ...{ tools: [], seeds: 5, repeat: 1, orderSeed: 1, controls: true, transport: "memory", catalogue: null },
  });
});

test("what is given replaces the default, and a switch turns its setting round", () => {
  const values = { policy: ["!minimal", "readme,minimal"], seeds: ["2", "3"], "no-bounds": [""], tools: ["own,100", "own"] };
  expect(readFlags(settingFlags, given(values))).toMatchObject({
    ...{ policies: ["readme"], seeds: 3, bounds: false, tools: [null, 100] },
  });
});

test("an id that is left out is taken away from the default", () => {
  expect(() => readFlags(settingFlags, given({ policy: ["!minimal"] }))).toThrow("Select at least one policy");
  expect(readFlags(settingFlags, given({ serialisation: ["!raw"] })).serialisations).toEqual(["json"]);
});
