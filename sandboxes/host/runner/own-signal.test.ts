import { expect, test } from "vitest";
import { ownSignal } from "./own-signal.ts";

test.each([
  [null, "SIGSEGV", "SIGSEGV"],
  [null, "signal 11", "SIGSEGV"],
  [139, null, "SIGSEGV"],
  [134, null, "SIGABRT"],
  [null, "SIGTERM", "SIGTERM"],
  [null, "SIGKILL", undefined],
  [null, "signal 9", undefined],
  [137, null, undefined],
  [3, null, undefined],
  [128, null, undefined],
  [255, null, undefined],
  [null, "the end of its container", undefined],
  [null, null, undefined],
])("code %s and signal %s are %s", (code, signal, own) => {
  expect(ownSignal({ code, signal })).toBe(own);
});
