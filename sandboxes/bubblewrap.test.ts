/** Needs bubblewrap and root on this machine; scripts/setup-sandboxes.sh installs it. */

import { bubblewrap } from "./bubblewrap.ts";
import { describeConformance } from "./conformance/describe.ts";

await describeConformance(bubblewrap);
