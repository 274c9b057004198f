/**
 * The Docker daemon, through dockerode, with a host deadline on every request: a daemon may stop answering, and an exec
 * on a dying container never returns by itself.
 */
import { existsSync } from "node:fs";
import type Docker from "dockerode";
import type { Availability, SandboxHost } from "../../../contract/index.ts";

/** Where a daemon listens by default, and where scripts/setup-sandboxes.sh puts its own. */
const sockets = ["/var/run/docker.sock", "/run/mcp-code-bench/docker.sock"];
/** Milliseconds for a request that does no work. */
const answerMs = 5_000;

/** What makes a machine ready for a backend, without the full stop. */
export const setUpWith = (backend: string) =>
  `Run sudo scripts/setup-sandboxes.sh ${backend} (in the package: node_modules/mcp-code-bench/scripts)`;
const setUp = setUpWith("docker");

/** Rejects with a plain Error when `promise` takes longer; what it does then is left to end by itself. */
export async function inTime<T>(what: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the Docker daemon did not ${what} in ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export type Unavailable = Extract<Availability, { status: "unavailable" }>;

/** A daemon that answered, or why there is no daemon. */
export async function findEngine(host: SandboxHost): Promise<{ readonly engine: Docker } | Unavailable> {
  const unavailable = (reason: string, fix: string): Unavailable => ({ status: "unavailable", reason, fix });
  if (host.platform !== "linux") {
    return unavailable(
      `its image is made from this machine's own Node, and ${host.platform} is not linux`,
      "Run mcp-code-bench on Linux, or in a Linux virtual machine.",
    );
  }
  const named = host.env.DOCKER_HOST;
  if (named !== undefined && named !== "" && !named.startsWith("unix://")) {
    return unavailable(
      `DOCKER_HOST is ${named.split(":")[0]}:..., and a daemon elsewhere cannot reach this machine's sockets`,
      "Unset DOCKER_HOST, or set it to unix:///path/of/a/local/docker.sock.",
    );
  }
  const loaded = await Promise.all([import("dockerode"), import("tar-stream")]).catch(() => undefined);
  if (loaded === undefined) {
    return unavailable("the packages dockerode and tar-stream are not installed", "Run npm install dockerode tar-stream.");
  }
  const [{ default: Engine }] = loaded;
  const tried =
    named === undefined || named === "" ? sockets.filter((path) => existsSync(path)) : [named.slice("unix://".length)];
  const problems: string[] = [];
  for (const socketPath of tried) {
    const engine = new Engine({ socketPath });
    try {
      await inTime("answer", answerMs, engine.ping());
      return { engine };
    } catch (error) {
      problems.push(`${socketPath}: ${(error as Error).message}`);
    }
  }
  if (problems.length === 0)
    return unavailable(`no Docker daemon listens on ${sockets.join(" or ")}`, `${setUp}, or start Docker.`);
  return unavailable(
    `no Docker daemon answers (${problems.join("; ")})`,
    `${setUp}, or start Docker and check who may use its socket.`,
  );
}
