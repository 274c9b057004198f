/** What this machine has that the backend needs, and whether its processor runs virtual machines. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { arch } from "node:process";
import type { Availability, SandboxHost } from "../../../contract/index.ts";
import { findProgram } from "../../../machine/installed-files.ts";
import { kernelModules } from "./supervisor.ts";

/** Where scripts/setup-sandboxes.sh puts the kernel. */
const kernelFolder = "/var/lib/mcp-code-bench/vm";
const kernelDevice = "/dev/kvm";
/** Milliseconds for a machine without a program. */
const probeMs = 5_000;

const setUp = "Run sudo scripts/setup-sandboxes.sh qemu (in the package: node_modules/mcp-code-bench/scripts)";

export interface Programs {
  readonly qemu: string;
  readonly setpriv: string;
  readonly busybox: string;
  readonly kernelFolder: string;
}

type Unavailable = Extract<Availability, { status: "unavailable" }>;

export function findPrograms(host: SandboxHost): Programs | Unavailable {
  const unavailable = (reason: string, fix = `${setUp}.`): Unavailable => ({ status: "unavailable", reason, fix });
  if (host.platform !== "linux" || arch !== "x64") {
    return unavailable(
      `its machine is made from this machine's own Node, and ${host.platform} on ${arch} is not Linux on x64`,
      "Run mcp-code-bench on Linux on x64.",
    );
  }
  const qemu = findProgram("qemu-system-x86_64", host.env);
  const setpriv = findProgram("setpriv", host.env);
  const busybox = findProgram("busybox", host.env);
  if (qemu === undefined) return unavailable("qemu-system-x86_64 is not installed");
  if (busybox === undefined) return unavailable("busybox is not installed");
  if (setpriv === undefined) return unavailable("setpriv, of util-linux, is not installed", "Install the package util-linux.");
  const needed = ["vmlinuz", ...kernelModules.map((name) => join("modules", `${name}.ko`))];
  const missing = needed.find((name) => !readable(join(kernelFolder, name)));
  if (missing !== undefined) return unavailable(`there is no kernel for it: ${join(kernelFolder, missing)} cannot be read`);
  return { qemu, setpriv, busybox, kernelFolder };
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether `command` starts a machine with KVM. The device file alone says little: it may not work inside a virtual machine,
 * and root may open it where the unprivileged process may not. Blocks for some hundred milliseconds where there is such a
 * device.
 */
export function kvmWorks([file, ...args]: readonly [string, ...string[]]): boolean {
  try {
    accessSync(kernelDevice, constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  const { status } = spawnSync(
    file,
    [
      ...args,
      "-machine",
      "q35,accel=kvm",
      "-cpu",
      "host",
      "-nodefaults",
      "-nic",
      "none",
      "-display",
      "none",
      "-S",
      "-qmp",
      "stdio",
    ],
    { input: `{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n`, stdio: ["pipe", "ignore", "ignore"], timeout: probeMs },
  );
  return status === 0;
}
