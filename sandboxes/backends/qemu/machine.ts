/**
 * A virtual machine as a process: its command line, which isolates it, and its two ports. It gets everything that it opens
 * as descriptors, so that it needs no right on the host's file system.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { getuid } from "node:process";
import type { Duplex } from "node:stream";
import { engineMemoryBytes, guestUser } from "../../host/runner/box-limits.ts";
import { nodeArguments } from "../../host/runner/node-arguments.ts";
import type { Programs } from "./find.ts";

/** Descriptors of the machine's process, beside the standard ones. */
const descriptors = { runner: 3, control: 4, memory: 5, state: 6, kernel: 7, files: 8 } as const;
/** Characters of stderr kept. */
const keptErrorText = 4_000;
/** For the kernel, and for the file system, which lies in memory twice while it is unpacked. */
const systemMemoryBytes = 288 * 2 ** 20;
/** Machines of nearly the same size share a snapshot. */
const memoryStepBytes = 32 * 2 ** 20;

export type Accelerator = "kvm" | "tcg";

export interface MachineSize {
  /** For the guest. */
  readonly memoryBytes: number;
  /** For the tree and the data, which lie in the machine's memory. */
  readonly archiveBytes: number;
}

/** Of the whole machine. */
export function machineMemoryBytes({ memoryBytes, archiveBytes }: MachineSize): number {
  const neededBytes = memoryBytes + engineMemoryBytes + systemMemoryBytes + 2 * archiveBytes;
  return Math.ceil(neededBytes / memoryStepBytes) * memoryStepBytes;
}

/**
 * `boot` starts the kernel. `template` does too, with its memory in a file, and lets the process write the rest of its
 * state. `restore` starts from both; what it changes in memory stays its own.
 */
export type MachineStart =
  | { readonly kind: "boot"; readonly kernel: number; readonly files: number }
  | {
      readonly kind: "template";
      readonly kernel: number;
      readonly files: number;
      readonly memory: number;
      readonly state: number;
    }
  | { readonly kind: "restore"; readonly memory: number; readonly state: number };

export interface Machine {
  readonly child: ChildProcess;
  readonly runner: Duplex;
  readonly control: Duplex;
  /** Settles with what it said on stderr, once the process is gone. */
  readonly ended: Promise<string>;
  kill(): void;
  /** Memory of this machine alone; `null` if it cannot be measured. */
  residentBytes(): Promise<number | null>;
}

/** Ends the machine with the thread that started it, and takes away every right that it could have. */
const unprivileged = (isRoot: boolean): string[] => [
  "--pdeathsig=KILL",
  "--no-new-privs",
  ...(isRoot ? [`--reuid=${guestUser}`, `--regid=${guestUser}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"] : []),
];

/** How a machine's program is started: its arguments follow. */
export const launcher = ({ setpriv, qemu }: Pick<Programs, "setpriv" | "qemu">): [string, ...string[]] => [
  setpriv,
  ...unprivileged(getuid?.() === 0),
  qemu,
];

/** Nothing but a processor, memory, a clock and one bus for the two ports: no network device, no disk, no screen. */
export function machineArguments(accelerator: Accelerator, kind: MachineStart["kind"], size: MachineSize): string[] {
  const memoryBytes = machineMemoryBytes(size);
  const file = `memory-backend-file,id=memory,mem-path=/proc/self/fd/${descriptors.memory},share=${kind === "template" ? "on" : "off"}`;
  const heap = nodeArguments(size.memoryBytes).find((argument) => argument.startsWith("--max-old-space-size="));
  const kernelArguments = [
    "quiet",
    "panic=-1",
    // The file system may be larger than half of the memory.
    "rootfstype=ramfs",
    // An emulated processor does not speculate.
    ...(accelerator === "tcg" ? ["mitigations=off", "no_timer_check"] : []),
    `guest_memory=${size.memoryBytes + engineMemoryBytes}`,
    `guest_heap=${heap?.split("=")[1]}`,
  ];
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none"],
    ...[
      "-machine",
      `q35,accel=${accelerator},usb=off,sata=off,smbus=off,i8042=off,vmport=off,graphics=off,memory-backend=memory`,
    ],
    ...["-cpu", accelerator === "kvm" ? "host" : "Nehalem", "-smp", "1", "-m", `${memoryBytes / 2 ** 20}M`],
    ...["-object", `${kind === "boot" ? "memory-backend-ram,id=memory" : file},size=${memoryBytes}`],
    // A restored machine gets the time. Generators whose clock jumps by years draw fresh random numbers (OpenSSL's RAND_DRBG).
    ...["-rtc", "base=2000-01-01T00:00:00"],
    ...["-device", "virtio-serial-pci,max_ports=3"],
    ...["-chardev", `socket,id=runner,fd=${descriptors.runner}`, "-device", "virtserialport,chardev=runner,nr=1"],
    ...["-chardev", `socket,id=control,fd=${descriptors.control}`, "-device", "virtserialport,chardev=control,nr=2"],
    // Only the one that runs no program yet may start another process, which writes its state.
    ...[
      "-sandbox",
      `on,obsolete=deny,elevateprivileges=deny,spawn=${kind === "template" ? "allow" : "deny"},resourcecontrol=deny`,
    ],
    ...(kind === "restore"
      ? ["-incoming", "defer"]
      : ["-kernel", `/proc/self/fd/${descriptors.kernel}`, "-initrd", `/proc/self/fd/${descriptors.files}`]),
    ...(kind === "restore" ? [] : ["-append", kernelArguments.join(" ")]),
    ...(kind === "boot" ? [] : ["-qmp", "stdio"]),
  ];
}

/** How a template writes its state, by the one process that it may start, and where the others read it. */
export const stateTarget = `exec:cat >/proc/$PPID/fd/${descriptors.state}`;
export const stateSource = `fd:${descriptors.state}`;

export function startMachine(programs: Programs, accelerator: Accelerator, start: MachineStart, size: MachineSize): Machine {
  const memory = "memory" in start ? start.memory : "ignore";
  const state = "state" in start ? start.state : "ignore";
  const [kernel, files] = start.kind === "restore" ? (["ignore", "ignore"] as const) : [start.kernel, start.files];
  const [file, ...launched] = launcher(programs);
  const child = spawn(file, [...launched, ...machineArguments(accelerator, start.kind, size)], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe", memory, state, kernel, files],
    detached: true,
  });
  let errorText = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrorText);
  });
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", () => resolve(errorText));
  });
  const [runner, control] = [port(child, descriptors.runner), port(child, descriptors.control)];
  return {
    child,
    runner,
    control,
    ended,
    kill: () => void child.kill("SIGKILL"),
    async residentBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
      const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
      return kilobytes === undefined ? null : Number(kilobytes) * 1024;
    },
  };
}

function port(child: ChildProcess, descriptor: number): Duplex {
  const stream = child.stdio[descriptor] as Duplex;
  // The end of the machine says more.
  stream.on("error", () => undefined);
  return stream;
}

/** Resolves once the supervisor says `wanted` on the control port. Never settles if it does not: the caller has a deadline. */
export function controlLine({ control }: Machine, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    let text = "";
    control.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.includes(`${wanted}\n`)) resolve();
    });
  });
}
