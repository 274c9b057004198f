import { describeConformance } from "../../checks/conformance/describe.ts";
import { vm2 } from "./sandbox.ts";

const noFrames = "vm2 takes the frames of evaluated code out of every stack";

await describeConformance(vm2, [
  { check: "memory-buffers", reason: "a worker's heap limit does not count buffers, and nothing else limits a thread" },
  { check: "thrown-error", reason: noFrames },
  { check: "lone-surrogates", reason: noFrames },
  { check: "tool-error", reason: noFrames },
  { check: "deep-recursion", reason: noFrames },
  { check: "late-error", reason: "vm2 listens to every promise itself, so that a rejection is never unhandled" },
  { check: "hostile-errors", reason: "vm2's realm has no Proxy" },
]);
