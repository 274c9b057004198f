/** vm2 in a worker thread: a control, because it is still in use. Guests have got out of its proxies around a `node:vm` context again and again. */

import { realmControl } from "../../host/engine/control.ts";
import { installedVersion } from "../../host/engine/installed-version.ts";

const installed = installedVersion("vm2");

export const vm2 = realmControl({
  id: "vm2",
  title: "vm2 in a worker thread (control, no isolation)",
  version: `vm2 ${installed ?? "(not installed)"}`,
  persistsGlobals: [],
  availability:
    installed === undefined
      ? { status: "unavailable", reason: "the package vm2 is not installed", fix: "Run npm install vm2." }
      : { status: "available" },
  configuration: { eval: true, wasm: false },
});
