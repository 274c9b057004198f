/**
 * A full virtual machine for each session: its own kernel, no network device, no disk. It runs on the processor where
 * /dev/kvm works and is emulated in software elsewhere, which costs several times the time and is said in every title.
 * `qemu` goes on from a snapshot of a machine that was booted once; `qemu-cold` boots for every session.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { version } from "node:process";
import { BenchError, type Sandbox, type SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { agentBundle } from "./agent/bundle.ts";
import { allFiles } from "./agent/session.ts";
import { findPrograms, kvmWorks, type Programs } from "./qemu/find.ts";
import { writeImage } from "./qemu/image.ts";
import { type Accelerator, type MachineSize, machineArguments, machineMemoryBytes, startMachine } from "./qemu/machine.ts";
import { machineBox, sessionArchive } from "./qemu/machine-box.ts";
import { type Snapshot, takeSnapshot } from "./qemu/snapshot.ts";
import { type SessionFolder, sessionFolder } from "./session/session-folder.ts";

/** Of the tree and the data for which every machine has room. */
const ordinaryArchiveBytes = 8 * 2 ** 20;
const emulation = "CPU emulated by QEMU TCG";

interface Image {
  readonly folder: SessionFolder;
  readonly kernel: FileHandle;
  readonly files: FileHandle;
}

const machines =
  (id: string, kind: "boot" | "restore"): SandboxFactory =>
  (host): Sandbox => {
    const sessions = agentSessions(id);
    const found = findPrograms(host);
    const accelerator: Accelerator = !("status" in found) && kvmWorks(found.qemu) ? "kvm" : "tcg";
    const emulates = accelerator === "tcg" ? emulation : null;
    let image: Promise<Image> | undefined;
    const snapshots = new Map<string, Promise<Snapshot>>();

    const programs = (): Programs => {
      if ("status" in found) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: found.reason, fix: found.fix });
      return found;
    };
    const prepare = async (): Promise<Image> => {
      const { busybox, kernelFolder } = programs();
      const folder = await sessionFolder(host.tmpDir, id);
      const path = join(folder.path, "files.cpio");
      await writeImage(path, { nodePath: host.nodePath, busybox, kernelFolder }, await agentBundle());
      return { folder, kernel: await open(join(kernelFolder, "vmlinuz")), files: await open(path) };
    };
    const preparedImage = () => {
      image ??= prepare();
      // A disk that was full may have room the next time.
      image.catch(() => {
        image = undefined;
      });
      return image;
    };
    const snapshotOf = (size: MachineSize): Promise<Snapshot> => {
      const key = `${size.memoryBytes} of ${machineMemoryBytes(size)}`;
      const known = snapshots.get(key);
      if (known !== undefined) return known;
      const take = async () => {
        const { kernel, files } = await preparedImage();
        const folder = await sessionFolder(host.tmpDir, id);
        const fds = { kernel: kernel.fd, files: files.fd };
        return takeSnapshot({ sandbox: id, programs: programs(), accelerator, size, folder, ...fds });
      };
      const taken = take();
      snapshots.set(key, taken);
      taken.catch(() => snapshots.delete(key));
      return taken;
    };

    return {
      id,
      title: `QEMU virtual machine${kind === "boot" ? ", booted for every session" : ", restored from a snapshot"}${emulates === null ? " (KVM)" : ` (${emulates}: slow)`}`,
      isolation: "virtual-machine",
      control: false,
      languages: ["javascript"],
      enforces: ["wallTime", "memory", "output", "processes", "disk"],
      bridgeTransport: "virtio-serial",
      persists: { files: true, globals: false },
      version: `node ${version}`,
      // A restored machine shares what it has not changed with the others.
      maxSessions: kind === "boot" ? 4 : 8,
      emulates,
      configuration: { arguments: machineArguments(accelerator, kind, { memoryBytes: 0, archiveBytes: ordinaryArchiveBytes }) },
      available: async () => ("status" in found ? found : { status: "available" }),
      async open(options) {
        const files = [...(await allFiles(options))];
        const isMounted = (path: string) => path.startsWith("servers/") || path.startsWith("data/");
        const archive = sessionArchive(new Map(files.filter(([path]) => isMounted(path))));
        return sessions.open(options, new Map(files.filter(([path]) => !isMounted(path))), async () => {
          const bytes = archive.reduce((sum, chunk) => sum + chunk.length, 0);
          const size = { memoryBytes: options.memoryBytes, archiveBytes: Math.max(bytes, ordinaryArchiveBytes) };
          if (kind === "boot") {
            const { kernel, files } = await preparedImage();
            const machine = startMachine(programs(), accelerator, { kind, kernel: kernel.fd, files: files.fd }, size);
            return machineBox({ sandbox: id, machine, archive });
          }
          const snapshot = await snapshotOf(size);
          return machineBox({ sandbox: id, machine: await snapshot.start(), restored: snapshot.ready, archive });
        });
      },
      // Its machines end with the process that started them, and its files lie in tmpDir.
      sweep: async () => undefined,
      async dispose() {
        await sessions.dispose();
        const taken = await Promise.allSettled(snapshots.values());
        for (const snapshot of taken) if (snapshot.status === "fulfilled") await snapshot.value.remove();
        const made = await image?.catch(() => undefined);
        image = undefined;
        snapshots.clear();
        if (made === undefined) return;
        await Promise.all([made.kernel.close(), made.files.close()]);
        await made.folder.remove();
      },
    };
  };

export const qemu = machines("qemu", "restore");
export const qemuCold = machines("qemu-cold", "boot");
