import { expect, test } from "vitest";
import { nearest, select } from "./selection.ts";

const choices = { ids: ["quickjs", "node-vm", "podman", "gvisor"], defaults: ["quickjs", "podman"] };

test("nothing named selects the defaults", () => {
  expect(select("sandbox", [], choices)).toEqual(["quickjs", "podman"]);
});

test("a named id replaces the defaults, in the order named, each once", () => {
  expect(select("sandbox", ["gvisor", "quickjs", "gvisor"], choices)).toEqual(["gvisor", "quickjs"]);
});

test("!id takes away from the defaults, or from what is named", () => {
  expect(select("sandbox", ["!podman"], choices)).toEqual(["quickjs"]);
  expect(select("sandbox", ["gvisor", "quickjs", "!quickjs"], choices)).toEqual(["gvisor"]);
});

test("an unknown id is an error with the nearest one, also when it is left out", () => {
  expect(() => select("sandbox", ["quikjs"], choices)).toThrow(
    'Unknown sandbox "quikjs". Did you mean "quickjs"? Known: quickjs, node-vm, podman, gvisor.',
  );
  expect(() => select("sandbox", ["!gvisr"], choices)).toThrow('Did you mean "gvisor"?');
});

test("a selection of nothing is an error", () => {
  expect(() => select("sandbox", ["quickjs", "!quickjs"], choices)).toThrow("Select at least one sandbox");
});

test("what resembles nothing has no nearest word, and a beginning counts", () => {
  expect(nearest("zzz", choices.ids)).toBeUndefined();
  expect(nearest("pod", choices.ids)).toBe("podman");
  expect(nearest("x", [])).toBeUndefined();
});

test("one that is not here is refused by name with what to use instead, and may be left out", () => {
  const withAbsent = { ...choices, notHere: { firecracker: { title: "a microVM", reason: "no backend", fix: "Use qemu." } } };
  expect(() => select("sandbox", ["firecracker"], withAbsent)).toThrow(
    'Sandbox "firecracker" is unavailable: no backend. Use qemu.',
  );
  expect(select("sandbox", ["!firecracker"], withAbsent)).toEqual(["quickjs", "podman"]);
  expect(() => select("sandbox", ["constructor"], withAbsent)).toThrow("Unknown sandbox");
});
