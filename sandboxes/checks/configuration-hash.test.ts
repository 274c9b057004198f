import { expect, test } from "vitest";
import { fakeSandbox } from "../../testing/fake-sandbox.ts";
import { configurationHash } from "./configuration-hash.ts";

test("the configuration's hash knows values, version and what is declared, and no order of keys or limits", () => {
  const sandbox = fakeSandbox({
    version: "1",
    configuration: { a: 1, b: [{ c: null, d: "x" }] },
    enforces: ["wallTime", "disk"],
  });
  const hash = configurationHash(sandbox);
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
  expect(configurationHash({ ...sandbox, configuration: { b: [{ d: "x", c: null }], a: 1 } })).toBe(hash);
  expect(configurationHash({ ...sandbox, enforces: ["disk", "wallTime"] })).toBe(hash);
  expect(configurationHash({ ...sandbox, version: "2" })).not.toBe(hash);
  expect(configurationHash({ ...sandbox, configuration: { a: 1, b: [{ c: null, d: "y" }] } })).not.toBe(hash);
  expect(configurationHash({ ...sandbox, enforces: ["wallTime"] })).not.toBe(hash);
  expect(configurationHash({ ...sandbox, isolation: "container" })).not.toBe(hash);
  expect(configurationHash({ ...sandbox, egress: true })).not.toBe(hash);
  expect(configurationHash({ ...sandbox, egress: false })).toBe(hash);
  expect(configurationHash({ ...sandbox, languages: ["javascript", "python"] })).not.toBe(hash);
});
