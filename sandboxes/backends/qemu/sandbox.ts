/**
 * A full virtual machine for each session: its own kernel, no network device, no disk. It runs on the processor where
 * /dev/kvm works. Elsewhere it is emulated in software, which takes several times as long and stands in every title.
 * `qemu` starts from a snapshot of a machine that was booted once; `qemu-cold` boots for every session.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { version } from "node:process";
import { BenchError, type Language, type Sandbox, type SandboxFactory } from "../../../contract/index.ts";
import { programVersion } from "../../../machine/installed-files.ts";
import { pythonVersion } from "../../host/runner/python-files.ts";
import { allFiles } from "../../host/runner/session.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { type SessionFolder, sessionFolder } from "../../host/session/session-folder.ts";
import { engineFor, type FirstRunner } from "./engine.ts";
import { findPrograms, kvmWorks, type Programs } from "./find.ts";
import { writeImage } from "./image.ts";
import { type Accelerator, launcher, type MachineSize, machineArguments, machineMemoryBytes, startMachine } from "./machine.ts";
import { machineBox, sessionArchive } from "./machine-box.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";

/** Bytes of tree and data for which every machine has room. */
const ordinaryArchiveBytes = 8 * 2 ** 20;
const emulation = "CPU emulated by QEMU TCG";

interface Image {
  readonly folder: SessionFolder;
  readonly kernel: FileHandle;
  readonly files: FileHandle;
  readonly firstRunner: FirstRunner;
}

const machines =
  (id: string, kind: "boot" | "restore"): SandboxFactory =>
  (host): Sandbox => {
    const sessions = runnerSessions(id);
    const found = findPrograms(host);
    const accelerator: Accelerator = !("status" in found) && kvmWorks(launcher(found)) ? "kvm" : "tcg";
    const emulates = accelerator === "tcg" ? emulation : null;
    const emulator = "status" in found ? [] : [programVersion("qemu", found.qemu)];
    const python = pythonVersion();
    const images = new Map<Language, Promise<Image>>();
    const snapshots = new Map<string, Promise<Snapshot>>();

    const programs = (): Programs => {
      if ("status" in found) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: found.reason, fix: found.fix });
      return found;
    };
    const prepare = async (language: Language): Promise<Image> => {
      const { busybox, kernelFolder } = programs();
      const folder = await sessionFolder(host.tmpDir, id);
      const path = join(folder.path, "files.cpio");
      const engine = await engineFor(language, host.nodePath);
      await writeImage(path, { busybox, kernelFolder }, engine);
      const [kernel, files] = [await open(join(kernelFolder, "vmlinuz")), await open(path)];
      return { folder, kernel, files, firstRunner: engine.firstRunner };
    };
    const preparedImage = (language: Language): Promise<Image> => {
      const known = images.get(language);
      if (known !== undefined) return known;
      const image = prepare(language);
      images.set(language, image);
      // A disk that was full may have room the next time.
      image.catch(() => images.delete(language));
      return image;
    };
    const snapshotOf = (language: Language, size: MachineSize): Promise<Snapshot> => {
      const key = `${language}: ${size.memoryBytes} of ${machineMemoryBytes(size)}`;
      const known = snapshots.get(key);
      if (known !== undefined) return known;
      const take = async () => {
        const { kernel, files, firstRunner } = await preparedImage(language);
        const folder = await sessionFolder(host.tmpDir, id);
        const image = { kernel: kernel.fd, files: files.fd, firstRunner };
        return takeSnapshot({ sandbox: id, programs: programs(), accelerator, size, folder, ...image });
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
      // Its machines are made from this machine's own interpreters.
      languages: python === undefined ? ["javascript"] : ["javascript", "python"],
      enforces: ["wallTime", "memory", "output", "processes", "disk"],
      bridgeTransport: "virtio-serial",
      persists: { files: true, globals: ["python"] },
      version: [...emulator, `node ${version}`, ...(python === undefined ? [] : [`python ${python}`])].join(", "),
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
          const { kernel, files, firstRunner } = await preparedImage(options.language);
          if (kind === "boot") {
            const machine = startMachine(programs(), accelerator, { kind, kernel: kernel.fd, files: files.fd }, size);
            return machineBox({ sandbox: id, machine, firstRunner, archive });
          }
          const snapshot = await snapshotOf(options.language, size);
          return machineBox({ sandbox: id, machine: await snapshot.start(), firstRunner, snapshot, archive });
        });
      },
      // Its machines end with the process that started them, and its files lie in tmpDir.
      sweep: async () => undefined,
      async dispose() {
        await sessions.dispose();
        const taken = await Promise.allSettled(snapshots.values());
        for (const snapshot of taken) if (snapshot.status === "fulfilled") await snapshot.value.remove();
        const made = await Promise.allSettled(images.values());
        snapshots.clear();
        images.clear();
        for (const image of made) {
          if (image.status === "rejected") continue;
          const { kernel, files, folder } = image.value;
          await Promise.all([kernel.close(), files.close()]);
          await folder.remove();
        }
      },
    };
  };

export const qemu = machines("qemu", "restore");
export const qemuCold = machines("qemu-cold", "boot");
