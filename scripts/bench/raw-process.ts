/** A process by hand in a folder and a control group of its own, for the floors of backends whose guest is one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { SandboxHost } from "../../contract/index.ts";
import { controlGroups, type GroupLimits } from "../../machine/control-group.ts";
import { echoSource, helloSource, pipeChannel, untilFigure, untilHello, withProcess } from "./by-hand.ts";
import type { RawApi } from "./floors/raw.ts";

/** Of the guest; what a backend adds to it is in its limits. */
export const memoryBytes = 256 * 2 ** 20;

export interface RawProcess {
  readonly limits: GroupLimits;
  readonly env: (folder: string) => Readonly<Record<string, string>>;
  /** `folder`: the session's, which holds `workspace`; `guest`: the program's file in it. May write files of its own. */
  command(folder: string, guest: string): readonly string[] | Promise<readonly string[]>;
}

export function rawProcess(host: SandboxHost, { limits, env, command }: RawProcess): RawApi {
  const groups = controlGroups();
  const isGrouped = groups.available().status === "available";
  const run = async (source: string, use: (input: Readable, output: Writable) => Promise<number>) => {
    const folder = mkdtempSync(join(host.tmpDir, "hand-"));
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    const guest = join(folder, "guest.mjs");
    writeFileSync(guest, source);
    const group = isGrouped ? groups.make(limits) : undefined;
    try {
      const started = [...(group?.enter ?? []), ...(await command(folder, guest))];
      return await withProcess(started, { cwd: workspace, env: env(folder) }, use);
    } finally {
      await group?.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return {
    cold() {
      const since = performance.now();
      return run(helloSource(pipeChannel), (input) => untilHello(input, since));
    },
    roundTrip: (calls) => run(`import { Buffer } from "node:buffer"; ${echoSource(pipeChannel, calls)}`, untilFigure),
    dispose: async () => undefined,
  };
}
