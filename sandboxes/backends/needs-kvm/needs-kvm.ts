/**
 * Sandboxes of the microVM class that have no adapter here: both need a processor that runs virtual machines. They are
 * listed so that whoever looks for them finds what this machine lacks, and what comes nearest.
 */
import { accessSync, constants } from "node:fs";
import { BenchError, type Sandbox, type SandboxFactory, type SandboxHost } from "../../../contract/index.ts";
import { findProgram } from "../../../machine/installed-files.ts";
import { kvmWorks } from "../qemu/find.ts";

const kernelDevice = "/dev/kvm";

interface KvmSandbox {
  readonly id: string;
  readonly title: string;
  /** The program that would start its machines. */
  readonly program: string;
  /** Where the program comes from. */
  readonly source: string;
}

const needsKvm =
  ({ id, title, program, source }: KvmSandbox): SandboxFactory =>
  (host): Sandbox => {
    const missing = () => {
      const kvm = withoutKvm(host);
      const reasons = kvm === undefined ? [] : [kvm];
      if (findProgram(program, host.env) === undefined) reasons.push(`${program} is not installed (${source})`);
      return {
        status: "unavailable" as const,
        reason: [...reasons, "mcp-code-bench has no adapter for it yet"].join("; "),
        fix: 'Use qemu, a full virtual machine that uses KVM where it works, or write an adapter (docs/sandboxes.md, "Adding a backend").',
      };
    };
    return {
      id,
      title,
      isolation: "virtual-machine",
      control: false,
      languages: [],
      enforces: [],
      bridgeTransport: "none",
      persists: { files: false, globals: [] },
      version: "no adapter",
      maxSessions: 0,
      emulates: null,
      configuration: {},
      available: async () => missing(),
      async open() {
        const { reason, fix } = missing();
        throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix });
      },
      sweep: async () => undefined,
      dispose: async () => undefined,
    };
  };

/** Whether machines run is asked of QEMU, if it is there: the device alone says little. */
function withoutKvm({ platform, env }: SandboxHost): string | undefined {
  if (platform !== "linux") return `it needs Linux, and this is ${platform}`;
  try {
    accessSync(kernelDevice, constants.R_OK | constants.W_OK);
  } catch {
    return `it needs hardware virtualisation, and ${kernelDevice} cannot be opened`;
  }
  const qemu = findProgram("qemu-system-x86_64", env);
  if (qemu === undefined || kvmWorks([qemu])) return undefined;
  return `it needs hardware virtualisation, and no machine starts with the ${kernelDevice} of this one`;
}

export const firecracker = needsKvm({
  id: "firecracker",
  title: "Firecracker microVM (no adapter yet)",
  program: "firecracker",
  source: "https://github.com/firecracker-microvm/firecracker/releases",
});

export const microsandbox = needsKvm({
  id: "microsandbox",
  title: "microsandbox microVM (no adapter yet)",
  program: "msb",
  source: "https://github.com/superradcompany/microsandbox",
});
