import { runsc } from "../../../sandboxes/gvisor.ts";
import { rawContainer } from "../raw-container.ts";

export const floor = rawContainer("gvisor", runsc);
