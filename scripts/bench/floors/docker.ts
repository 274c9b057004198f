import { runc } from "../../../sandboxes/backends/docker/container-box.ts";
import { rawContainer } from "../raw-container.ts";

export const floor = rawContainer("docker", runc);
