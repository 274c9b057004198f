/** What container backends share, whatever their runtime: a Docker daemon, an image, a container for each session. */
import { existsSync } from "node:fs";
import { pid, version } from "node:process";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { BenchError, type Language, type Sandbox, type SandboxHost } from "../../../contract/index.ts";
import { type ControlGroup, controlGroups } from "../../../machine/control-group.ts";
import { setprivPath } from "../../../machine/installed-files.ts";
import { ownerIsGone, ownerOf } from "../../../machine/owner.ts";
import { egressLimits } from "../../host/egress/proxy.ts";
import { egressFolder, withoutEgress } from "../../host/egress/session.ts";
import { cpus } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { pythonRunner, pythonVersion } from "../../host/runner/python-files.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { socketBox } from "../../host/runner/socket-box.ts";
import { sessionFolder } from "../../host/session/session-folder.ts";
import { outsideTree, sessionTrees } from "../../host/session/session-tree.ts";
import { type ContainerRuntime, containerConfiguration, containerOptions, startContainer } from "./container-box.ts";
import { findEngine, inTime, type Unavailable } from "./engine.ts";
import { imageArchive, imageTag } from "./image.ts";
import { pythonImageArchive, pythonImageTag } from "./python-image.ts";

/** Marks what this project made; the value is the owner. */
const ownerLabel = "mcp-code-bench.owner";
const backendLabel = "mcp-code-bench.sandbox";
/** Milliseconds for the image, some 120 MB, and for a list on a busy daemon. */
const imageMs = 300_000;
const listMs = 20_000;

export interface ContainerSandboxOptions extends Pick<Sandbox, "id" | "title" | "isolation" | "maxSessions"> {
  readonly runtime: ContainerRuntime;
  /** Name and version of the runtime, or why this daemon cannot use it. May reject when the daemon does not answer. */
  runtimeVersion(engine: Docker): Promise<string | Unavailable>;
}

export function containerSandbox(host: SandboxHost, options: ContainerSandboxOptions): Sandbox {
  const { id, title, isolation, maxSessions, runtime } = options;
  const sessions = runnerSessions(id);
  const trees = sessionTrees(host.tmpDir, id);
  const images = new Map<Language, Promise<string>>();
  const groups = controlGroups();
  const python = pythonVersion();
  const interpreters = [`node ${version}`, ...(python === undefined ? [] : [`python ${python}`])];
  let carriers: readonly string[] = [];
  let driver: Promise<string> | undefined;
  let found: ReturnType<typeof find> | undefined;

  async function find(): ReturnType<typeof findEngine> {
    const answer = await findEngine(host);
    if (!("engine" in answer)) return answer;
    if (!existsSync(setprivPath))
      return { status: "unavailable", reason: `there is no program ${setprivPath}`, fix: "Install util-linux." };
    const runtimeVersion = await inTime("tell its runtimes", listMs, options.runtimeVersion(answer.engine)).catch(() => id);
    if (typeof runtimeVersion !== "string") return runtimeVersion;
    const daemon = await inTime("tell its version", listMs, answer.engine.version()).catch(() => undefined);
    carriers = [`docker ${daemon?.Version ?? "(version unknown)"}`, runtimeVersion];
    return answer;
  }
  /** Asked once. A daemon that is started later is found by the next process. */
  const answer = () => {
    found ??= find();
    return found;
  };
  const engine = async (): Promise<Docker> => {
    const known = await answer();
    if (!("engine" in known)) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: known.reason, fix: known.fix });
    return known.engine;
  };
  const imageFor = (daemon: Docker, language: Language): Promise<string> => {
    const known = images.get(language);
    if (known !== undefined) return known;
    const image = preparedImage(daemon, host.nodePath, language);
    images.set(language, image);
    // A disk that was full may have room the next time.
    image.catch(() => images.delete(language));
    return image;
  };

  /** `undefined` where the runtime does not ask for a group, groups cannot be made, or the daemon leaves them to systemd. */
  const outerGroup = async (daemon: Docker, memoryBytes: number): Promise<ControlGroup | undefined> => {
    if (runtime.outerGroupBytes === undefined || groups.available().status === "unavailable") return undefined;
    driver ??= inTime("tell its driver", listMs, daemon.info()).then(({ CgroupDriver }) => CgroupDriver);
    if ((await driver.catch(() => "")) !== "cgroupfs") return undefined;
    return groups.make({
      memoryBytes: memoryBytes + runtime.engineMemoryBytes - runtime.outerGroupBytes,
      maxProcesses: runtime.maxProcesses,
      cpus,
    });
  };

  return {
    id,
    title,
    isolation,
    control: false,
    // Its images are made from this machine's own interpreters.
    languages: python === undefined ? ["javascript"] : ["javascript", "python"],
    enforces: ["wallTime", "memory", "output", "processes", "disk"],
    bridgeTransport: "Unix socket in a read-only mount",
    persists: { files: true, globals: ["python"] },
    get version() {
      return [...carriers, ...interpreters].join(", ");
    },
    maxSessions,
    emulates: null,
    egress: true,
    configuration: { ...containerConfiguration(runtime), egress: egressLimits },
    async available() {
      const known = await answer();
      return "engine" in known ? { status: "available" } : known;
    },
    open: (open) =>
      sessions.open(withoutEgress(open), outsideTree(open.files), async () => {
        const daemon = await engine();
        const { language, memoryBytes, data = [] } = open;
        const image = await imageFor(daemon, language);
        const tree = await trees.folderOf(open.files);
        const labels = { [ownerLabel]: ownerOf(pid), [backendLabel]: id };
        const settings = { image, runtime, labels, tree, data, memoryBytes, language };
        const { folder, listen } = egressFolder(await sessionFolder(host.tmpDir, id), open.egress);
        return socketBox({
          sandbox: id,
          folder,
          async start(channel) {
            await listen(channel);
            return startContainer(daemon, containerOptions(settings, channel), await outerGroup(daemon, memoryBytes));
          },
        });
      }),
    async sweep() {
      const daemon = await engine().catch(() => undefined);
      if (daemon !== undefined) await sweepContainers(daemon, id);
      await groups.sweep();
    },
    async dispose() {
      await sessions.dispose();
      await trees.dispose();
    },
  };
}

/** The image's tag, after making it if the daemon does not have it. */
export async function preparedImage(engine: Docker, nodePath: string, language: Language): Promise<string> {
  const runner = await runnerBundle();
  const python = pythonRunner();
  const tag = language === "python" ? pythonImageTag(python) : imageTag(nodePath, version, runner);
  const known = await inTime("look for an image", listMs, engine.getImage(tag).inspect()).catch(() => undefined);
  if (known !== undefined) return tag;
  const [repo, name] = tag.split(":");
  const archive = language === "python" ? pythonImageArchive(python) : imageArchive(nodePath, runner);
  const progress = await inTime("take an image", imageMs, engine.importImage(Readable.from(await archive), { repo, tag: name }));
  await inTime(
    "store an image",
    imageMs,
    new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(progress, (error) => (error == null ? resolve() : reject(error)));
    }),
  );
  return tag;
}

/** Removes containers of this project whose harness has ended, and no others. Never rejects. */
async function sweepContainers(engine: Docker, id: string): Promise<void> {
  const filters = { label: [`${backendLabel}=${id}`] };
  const listed = await inTime("list containers", listMs, engine.listContainers({ all: true, filters })).catch(() => []);
  const gone = listed.filter(({ Labels: labels }) => ownerIsGone(labels[ownerLabel] ?? ""));
  await Promise.all(
    gone.map(({ Id: containerId }) =>
      inTime("remove a container", listMs, engine.getContainer(containerId).remove({ force: true, v: true })).catch(
        () => undefined,
      ),
    ),
  );
}
