/**
 * isolated-vm: a V8 isolate for every program, in a child process for every session. The library can run isolates in the
 * host's own process, but its authors advise against that for hostile guests. They are right: a guest of a few lines makes
 * V8 abort, past every limit, and the whole process is gone.
 */
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { endOrphans, ownerEnvironment } from "../../../machine/orphans.ts";
import { childProcess } from "../../host/engine/child-process.ts";
import { installedVersion } from "../../host/engine/installed-version.ts";
import { engineSessions } from "../../host/engine/sessions.ts";

const id = "isolated-vm";

/** The library asks for the first: without it, Node's own snapshot and the isolates' get in each other's way. */
const execArgv = ["--no-node-snapshot", "--disable-warning=ExperimentalWarning"];
/** Without anything of the host's. The time zone is fixed, so that dates print as on every backend. */
const env = { TZ: "UTC" };
/** Of the process itself, and of what V8 may take beyond a limit before it stops a guest. */
const residentSlackBytes = 192 * 2 ** 20;

export const isolatedVm: SandboxFactory = (host): Sandbox => {
  const sessions = engineSessions({
    sandbox: id,
    maxIdleThreads: 4,
    isApart: true,
    makeThread: () =>
      childProcess({
        code: "backends/isolated-vm/child",
        nodePath: host.nodePath,
        execArgv,
        env: { ...env, ...ownerEnvironment() },
        residentLimit: (memoryBytes) => 2 * memoryBytes + residentSlackBytes,
      }),
  });
  const installed = installedVersion(id);
  const availability: Availability =
    installed === undefined
      ? { status: "unavailable", reason: "the package isolated-vm is not installed", fix: "Run npm install isolated-vm." }
      : { status: "available" };
  return {
    id,
    title: "isolated-vm: a V8 isolate in a child process",
    isolation: "isolate",
    control: false,
    languages: ["javascript"],
    enforces: ["wallTime", "memory", "output"],
    bridgeTransport: "standard input and output of a child process",
    persists: { files: true, globals: [] },
    version: `isolated-vm ${installed ?? "(not installed)"}`,
    maxSessions: 100,
    emulates: null,
    configuration: {
      engine: `isolated-vm ${installed ?? "(not installed)"}`,
      process: "one child process a session",
      arguments: execArgv,
      env: Object.keys(env),
      webAssembly: false,
      residentSlackBytes,
    },
    available: async () => availability,
    open: sessions.open,
    sweep: endOrphans,
    dispose: sessions.dispose,
  };
};
