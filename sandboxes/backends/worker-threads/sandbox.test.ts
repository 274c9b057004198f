import { describeConformance } from "../../checks/conformance/describe.ts";
import { workerThreads } from "./sandbox.ts";

await describeConformance(workerThreads, [
  { check: "memory-buffers", reason: "a worker's heap limit does not count buffers, and nothing else limits a thread" },
  { check: "guest-globals", reason: "a plain worker has everything that Node puts there, which is what it is compared for" },
]);
