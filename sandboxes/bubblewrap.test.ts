/** Needs bubblewrap and root on this machine; scripts/setup-sandboxes.sh installs it. */
import { describeConformance } from "./conformance/describe.ts";
import { bubblewrap } from "./bubblewrap.ts";

await describeConformance(bubblewrap);
