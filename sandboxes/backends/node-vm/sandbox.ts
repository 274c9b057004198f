/** `node:vm` in a worker thread: the control of every probe of a realm. Its own documentation says that it is not a sandbox. */
import { version } from "node:process";
import { realmControl } from "../../host/engine/control.ts";

export const nodeVm = realmControl({
  id: "node-vm",
  title: "node:vm in a worker thread (control, no isolation)",
  version: `node ${version}`,
  persistsGlobals: [],
  availability: { status: "available" },
  configuration: { context: "an object of the host's, with a function of the host's on it" },
});
