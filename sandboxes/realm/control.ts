/** What the controls are alike in: a realm beside the host's own code in a worker thread, which isolates nothing. */
import type { Availability, JsonObject, Sandbox, SandboxFactory } from "../../bench/types/index.ts";
import { engineSessions } from "../engine/backend.ts";
import { workerThread } from "../engine/worker-thread.ts";

export interface RealmControl {
  /** The kind of realm, too. */
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly persistsGlobals: boolean;
  readonly availability: Availability;
  readonly configuration: JsonObject;
}

/** V8 takes no less for a worker's heap, in MB. */
const leastHeapMb = 16;

export const realmControl =
  ({ id, title, version, persistsGlobals, availability, configuration }: RealmControl): SandboxFactory =>
  (): Sandbox => {
    const sessions = engineSessions({
      sandbox: id,
      // A guest may have changed its thread, so that the next session gets one of its own.
      maxIdleThreads: 0,
      makeThread: ({ memoryBytes }) =>
        workerThread({
          name: id,
          code: "realm/worker",
          resourceLimits: { maxOldGenerationSizeMb: Math.max(leastHeapMb, Math.floor(memoryBytes / 2 ** 20)) },
          workerData: id,
        }),
    });
    return {
      id,
      title,
      isolation: "none",
      control: true,
      languages: ["javascript"],
      enforces: ["wallTime", "output"],
      bridgeTransport: "worker thread messages",
      persists: { files: true, globals: persistsGlobals },
      version,
      maxSessions: 32,
      emulates: null,
      configuration: { thread: "one worker thread a session", limits: "maxOldGenerationSizeMb", ...configuration },
      available: async () => availability,
      open: sessions.open,
      // Its threads end with their process, and it writes no file.
      sweep: async () => undefined,
      dispose: sessions.dispose,
    };
  };
