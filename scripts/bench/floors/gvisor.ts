import { runsc } from "../../../sandboxes/backends/gvisor/sandbox.ts";
import { rawContainer } from "../raw-container.ts";

export const floor = rawContainer("gvisor", runsc);
