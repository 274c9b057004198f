/**
 * What the controls share: a realm beside code of ours in a worker thread, which isolates nothing. The thread is in a
 * process of its own, because a guest that fills a worker's heap can abort the whole process.
 */
import type { Availability, JsonObject, Language, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { childProcess } from "./child-process.ts";
import { engineSessions } from "./sessions.ts";

export interface RealmControl {
  /** Also the kind of realm. */
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly persistsGlobals: readonly Language[];
  readonly availability: Availability;
  readonly configuration: JsonObject;
}

/** V8 takes no less for a worker's heap, in MB. */
const leastHeapMb = 16;

export const realmControl =
  ({ id, title, version, persistsGlobals, availability, configuration }: RealmControl): SandboxFactory =>
  (host): Sandbox => {
    const sessions = engineSessions({
      sandbox: id,
      // A guest may have changed its thread, so the next session gets a new one.
      maxIdleThreads: 0,
      isApart: false,
      makeThread: ({ memoryBytes }) =>
        childProcess({
          code: "runner/realm/child",
          args: [id, String(Math.max(leastHeapMb, Math.floor(memoryBytes / 2 ** 20)))],
          nodePath: host.nodePath,
          execArgv: ["--disable-warning=ExperimentalWarning"],
          env: { TZ: "UTC" },
        }),
    });
    return {
      id,
      title,
      isolation: "none",
      control: true,
      languages: ["javascript"],
      enforces: ["wallTime", "output"],
      bridgeTransport: "worker thread messages, and standard input and output of a child process",
      persists: { files: true, globals: persistsGlobals },
      version,
      maxSessions: 32,
      emulates: null,
      configuration: {
        thread: "one worker thread in one child process a session",
        limits: "maxOldGenerationSizeMb",
        ...configuration,
      },
      available: async () => availability,
      open: sessions.open,
      // Its processes end with their channel, and it writes no file.
      sweep: async () => undefined,
      dispose: sessions.dispose,
    };
  };
