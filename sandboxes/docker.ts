/** A hardened Docker container for each session: namespaces, no network, no capabilities, every limit by the kernel. */
import { pid, version } from "node:process";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { BenchError, ownerIsGone, ownerOf, type Sandbox, type SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { type AgentBundle, agentBundle } from "./agent/bundle.ts";
import { containerBox, containerConfiguration } from "./docker/container-box.ts";
import { findEngine, inTime } from "./docker/engine.ts";
import { imageArchive, imageTag } from "./docker/image.ts";
import { sessionFolder } from "./session/session-folder.ts";
import { outsideTree, sessionTrees } from "./session/session-tree.ts";

const id = "docker";
/** Marks what this project made; the value is the owner. */
const ownerLabel = "mcp-code-bench.owner";
const backendLabel = "mcp-code-bench.sandbox";
/** Milliseconds for the image, some 120 MB, and for a list on a busy daemon. */
const imageMs = 300_000;
const listMs = 20_000;

export const docker: SandboxFactory = (host): Sandbox => {
  const sessions = agentSessions(id);
  const trees = sessionTrees(host.tmpDir, id);
  let found: ReturnType<typeof findEngine> | undefined;
  let image: Promise<string> | undefined;

  /** Asked once; a daemon that is started later is found by the next process. */
  const engine = async (): Promise<Docker> => {
    found ??= findEngine(host);
    const answer = await found;
    if (!("engine" in answer))
      throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: answer.reason, fix: answer.fix });
    return answer.engine;
  };

  return {
    id,
    title: "Docker container (runc): no network, read-only root, no capabilities",
    isolation: "container",
    control: false,
    languages: ["javascript"],
    enforces: ["wallTime", "memory", "output", "processes", "disk"],
    bridgeTransport: "Unix socket in a read-only mount",
    persists: { files: true, globals: false },
    version: `node ${version}`,
    maxSessions: 32,
    emulates: null,
    configuration: containerConfiguration("runc"),
    async available() {
      found ??= findEngine(host);
      const answer = await found;
      return "engine" in answer ? { status: "available" } : answer;
    },
    open: (options) =>
      sessions.open(options, outsideTree(options.files), async () => {
        const daemon = await engine();
        image ??= preparedImage(daemon, host.nodePath, await agentBundle());
        const folder = await sessionFolder(host.tmpDir, id);
        return containerBox({
          sandbox: id,
          engine: daemon,
          image: await image,
          runtime: "runc",
          labels: { [ownerLabel]: ownerOf(pid), [backendLabel]: id },
          folder,
          tree: await trees.folderOf(options.files),
          data: options.data ?? [],
          memoryBytes: options.memoryBytes,
        });
      }),
    async sweep() {
      const daemon = await engine().catch(() => undefined);
      if (daemon !== undefined) await sweepContainers(daemon);
    },
    async dispose() {
      await sessions.dispose();
      await trees.dispose();
    },
  };
};

/** The image's tag, after making it if the daemon does not have it. */
async function preparedImage(engine: Docker, nodePath: string, agent: AgentBundle): Promise<string> {
  const tag = imageTag(nodePath, version, agent);
  const known = await inTime("look for an image", listMs, engine.getImage(tag).inspect()).catch(() => undefined);
  if (known !== undefined) return tag;
  const [repo, name] = tag.split(":");
  const progress = await inTime(
    "take an image",
    imageMs,
    engine.importImage(Readable.from(await imageArchive(nodePath, agent)), { repo, tag: name }),
  );
  await inTime(
    "store an image",
    imageMs,
    new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(progress, (error) => (error == null ? resolve() : reject(error)));
    }),
  );
  return tag;
}

/** Removes containers of this project whose harness has ended, and nobody else's. Never rejects. */
async function sweepContainers(engine: Docker): Promise<void> {
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
