/** What a harness that is killed leaves, on every backend that can run here: nothing, once the next one has started. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { env, execPath, platform } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Sandbox, SandboxHost } from "../../contract/index.ts";
import { ownerOf } from "../../machine/owner.ts";
import { makeRunTemp, removeRunTemp } from "../../machine/run-temp.ts";
import { descendants, type Process, processes } from "../../testing/processes.ts";
import { findEngine } from "../backends/docker/engine.ts";
import { sandboxRegistry } from "../registry.ts";

/** Opens a session that stays idle and one whose program never ends, says so on standard output, and goes on. */
const harness = fileURLToPath(new URL("../../testing/crash-harness.ts", import.meta.url));
/** The folder of every command, which is how the next one finds what is there. */
const tmpDir = tmpdir();
const host: SandboxHost = { env, platform, now: () => performance.now(), tmpDir, nodePath: execPath };

const alive = (known: readonly Process[]) => {
  const now = processes();
  return known.filter(({ pid, start }) => now.some((other) => other.pid === pid && other.start === start));
};
const groupsOf = (owner: string) => globSync(`/sys/fs/cgroup/{,*/}mcp-code-bench/${owner}_*`);

async function containersOf(owner: string): Promise<string[]> {
  const found = await findEngine(host);
  if (!("engine" in found)) return [];
  const filters = { label: [`mcp-code-bench.owner=${owner}`] };
  return (await found.engine.listContainers({ all: true, filters })).map(({ Id: id }) => id);
}

async function killedWhileBusy(id: string): Promise<{ owner: string; left: Process[] }> {
  const child: ChildProcess = spawn(execPath, ["--disable-warning=ExperimentalWarning", harness, id, tmpDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [said] = (await Promise.race([once(child.stdout ?? child, "data"), once(child, "exit")])) as [unknown];
    expect(String(said)).toBe("busy\n");
    // Until the guest has its answer and is in its loop.
    await delay(500);
    const pid = child.pid ?? 0;
    return { owner: ownerOf(pid), left: descendants(pid) };
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await ended;
  }
}

for (const id of sandboxRegistry.ids.filter((id) => id !== "null")) {
  const sandbox: Sandbox = (await sandboxRegistry.load(id))(host);
  const availability = await sandbox.available();
  const why = availability.status === "available" ? "" : ` (unavailable here: ${availability.reason}. ${availability.fix})`;
  afterAll(() => sandbox.dispose());
  describe.skipIf(platform !== "linux" || why !== "")(`${id}${why}`, () => {
    test("nothing survives kill -9 of the harness and the start of the next", async () => {
      const { owner, left } = await killedWhileBusy(id);
      // As a command does when it starts.
      await removeRunTemp(await makeRunTemp(tmpDir));
      await sandbox.sweep();
      await expect.poll(() => alive(left)).toEqual([]);
      expect(groupsOf(owner)).toEqual([]);
      expect(await containersOf(owner)).toEqual([]);
      expect(readdirSync(tmpDir).filter((name) => name.includes(owner))).toEqual([]);
    });
  });
}
