import { describeConformance } from "./describe-conformance.ts";
import { subprocess } from "./subprocess.ts";

describeConformance(subprocess, [
  { check: "memory-buffers", reason: "V8's heap limit does not count buffers, and nothing else limits a plain process" },
]);
