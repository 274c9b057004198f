/** A plain worker thread with its resource limits: the control that has everything Node has. */
import { version } from "node:process";
import { realmControl } from "../../host/engine/control.ts";

export const workerThreads = realmControl({
  id: "worker-threads",
  title: "Plain worker thread with resource limits (control, no isolation)",
  version: `node ${version}`,
  persistsGlobals: ["javascript"],
  availability: { status: "available" },
  configuration: { realm: "the thread's own" },
});
