/** Needs a Docker daemon with the runtime runsc; scripts/setup-sandboxes.sh starts one. */
import { describeConformance } from "./conformance/describe.ts";
import { gvisor } from "./gvisor.ts";

await describeConformance(gvisor);
