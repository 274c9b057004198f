/**
 * Part of the protocol double, test code: what root does in a machine, kept away from this one. Its commands have a root
 * folder of their own, in namespaces by bubblewrap, and the memory of E2B's default template, in a control group.
 */
import { join } from "node:path";
import { env } from "node:process";
import { type ControlGroup, controlGroups } from "../../../../machine/control-group.ts";
import { findProgram } from "../../../../machine/installed-files.ts";

const limits = { memoryBytes: 2 ** 29, maxProcesses: 512, cpus: 2 } as const;
const groups = controlGroups();

/** Why such a machine cannot run here, and what to do; `undefined`: it can. */
export function rootProblem(): string | undefined {
  const answer = groups.available();
  if (answer.status === "unavailable") return `${answer.reason}. ${answer.fix}`;
  if (findProgram("bwrap", env) !== undefined) return undefined;
  return "there is no program bwrap. Run sudo scripts/setup-sandboxes.sh bubblewrap.";
}

export interface MachineRoot {
  /** Where a file of the machine is on this one. */
  located(path: string): string;
  command(file: string, args: readonly string[]): string[];
  /** Ends its processes. */
  end(): Promise<void>;
}

/** `folder`: absolute path of the machine's root on this one. */
export function machineRoot(folder: string): MachineRoot {
  let group: ControlGroup | undefined;
  return {
    located: (path) => join(folder, path),
    command(file, args) {
      group ??= groups.make(limits);
      const links = ["bin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
      return [
        ...group.enter,
        ...["bwrap", "--unshare-pid", "--cap-add", "ALL"],
        ...["--bind", folder, "/", "--ro-bind", "/usr", "/usr", ...links],
        ...["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"],
        ...["--setenv", "HOME", "/root", "--chdir", "/root", "--"],
        file,
        ...args,
      ];
    },
    end: async () => group?.remove(),
  };
}
