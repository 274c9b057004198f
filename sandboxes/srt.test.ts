/** Needs bubblewrap, socat and ripgrep on this machine; scripts/setup-sandboxes.sh installs them. */
import { describeConformance } from "./conformance/describe.ts";
import { srt } from "./srt.ts";

await describeConformance(srt);
