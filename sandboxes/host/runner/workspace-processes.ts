/**
 * What backends share whose guest is a process of the host, in a workspace that the host has written. Where a control
 * group can be made, the process runs inside it, which bounds memory and processes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Availability, BenchError, type EnforcedLimit, type Sandbox, type SandboxHost } from "../../../contract/index.ts";
import { controlGroups, type GroupLimits } from "../../../machine/control-group.ts";
import { endOrphans } from "../../../machine/orphans.ts";
import { egressFolder, withoutEgress } from "../egress/session.ts";
import { sessionFolder } from "../session/session-folder.ts";
import { writeFiles } from "../session/written-files.ts";
import { groupedBox } from "./grouped-box.ts";
import type { ProcessBoxOptions } from "./process-box.ts";
import { allFiles, type WorkspaceFiles } from "./session.ts";
import { runnerSessions } from "./sessions.ts";

export interface ProcessPlace {
  /** Absolute path of the session's folder. Of it the guest needs only the workspace. */
  readonly folder: string;
  /** Absolute path of a folder in it that holds `files`. */
  readonly workspace: string;
  readonly files: WorkspaceFiles;
  readonly memoryBytes: number;
  /** The session has egress: the proxy's socket is in `folder`. */
  readonly hasEgress: boolean;
}

export interface WorkspaceProcessOptions {
  readonly sandbox: string;
  /** What `prepare` starts holds a guest to the proxy. Otherwise a session with egress is refused. */
  readonly egress?: boolean;
  /** Limits of a control group; the argument is the memory that the guest may use. */
  limits(memoryBytes: number): GroupLimits;
  available(): Promise<Availability>;
  /** How a runner is started there. */
  prepare(place: ProcessPlace): Promise<Pick<ProcessBoxOptions, "command" | "env" | "folder">>;
}

export interface WorkspaceProcesses extends Pick<Sandbox, "open" | "sweep" | "dispose"> {
  /** Whether this machine can make control groups. */
  readonly isGrouped: boolean;
  readonly enforces: readonly EnforcedLimit[];
}

export function workspaceProcesses(host: SandboxHost, options: WorkspaceProcessOptions): WorkspaceProcesses {
  const { sandbox, limits, available, prepare } = options;
  const sessions = runnerSessions(sandbox);
  const groups = controlGroups();
  const isGrouped = groups.available().status === "available";
  return {
    isGrouped,
    enforces: isGrouped ? ["wallTime", "memory", "output", "processes"] : ["wallTime", "output"],
    async open(open) {
      const files = await allFiles(open);
      // The host has written the files, so the runner does not.
      return sessions.open(options.egress === true ? withoutEgress(open) : open, new Map(), async () => {
        const availability = await available();
        if (availability.status === "unavailable") throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox, ...availability });
        const { memoryBytes } = open;
        const { folder, listen } = egressFolder(await sessionFolder(host.tmpDir, sandbox), open.egress);
        const workspace = join(folder.path, "workspace");
        try {
          await mkdir(workspace);
          await writeFiles(workspace, files);
          await listen(folder.path);
          const place = { folder: folder.path, workspace, files, memoryBytes, hasEgress: open.egress !== undefined };
          const process = await prepare(place);
          const group = isGrouped ? groups.make(limits(memoryBytes)) : undefined;
          return groupedBox(group, { sandbox, ...process, clean: folder.remove });
        } catch (error) {
          await folder.remove();
          throw error;
        }
      });
    },
    async sweep() {
      await groups.sweep();
      await endOrphans();
    },
    dispose: sessions.dispose,
  };
}
