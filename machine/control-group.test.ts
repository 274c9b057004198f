import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pid } from "node:process";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { isRunning } from "../testing/processes.ts";
import { controlGroups } from "./control-group.ts";
import { ownerOf } from "./owner.ts";

const limits = { memoryBytes: 64 * 2 ** 20, maxProcesses: 20, cpus: 0.5 };
const folder = mkdtempSync(join(tmpdir(), "cgroup-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("where no group can be made it is unavailable, with the reason and what to do", () => {
  expect(controlGroups(join(folder, "nowhere")).available()).toMatchObject({
    status: "unavailable",
    reason: expect.stringContaining("no control group can be made below"),
    fix: expect.stringContaining("as root"),
  });
});

test("a version 2 tree is asked for its controllers, and a group in it that lacks one is refused", () => {
  const root = join(folder, "v2");
  mkdirSync(root);
  writeFileSync(join(root, "cgroup.controllers"), "cpu memory pids");
  const availability = controlGroups(root).available();
  expect(availability).toMatchObject({ status: "unavailable", reason: expect.stringContaining("there is no memory.max") });
  expect(readFileSync(join(root, "cgroup.subtree_control"), "utf8")).toBe("+memory +pids +cpu");
  expect(readFileSync(join(root, "mcp-code-bench", "cgroup.subtree_control"), "utf8")).toBe("+memory +pids +cpu");
});

const real = controlGroups();
const availability = real.available();
const why = availability.status === "available" ? "" : `, unavailable here: ${availability.reason}`;

describe.skipIf(why !== "")(`control groups of this machine${why}`, () => {
  const own = () => readdirSync(parent()).filter((name) => name.startsWith(`${ownerOf(pid)}_`));
  const parent = () => {
    const group = real.make(limits);
    const place = dirname(dirname(group.enter.at(-2) ?? ""));
    void group.remove();
    return place;
  };

  test("what takes more memory than its group has is ended, and the group counts it", async () => {
    const group = real.make(limits);
    expect(group.wasFull()).toBe(false);
    const [shell = "", ...args] = group.enter;
    const source = "const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));";
    expect(spawnSync(shell, [...args, process.execPath, "-e", source]).signal).toBe("SIGKILL");
    expect(group.outOfMemoryKills()).toBeGreaterThan(0);
    expect(group.wasFull()).toBe(true);
    await group.remove();
    expect(group.outOfMemoryKills()).toBeGreaterThan(0);
  });

  test("removing a group ends everything inside, also what left its process group", async () => {
    const group = real.make(limits);
    const [shell = "", ...args] = group.enter;
    const child = spawn(shell, [...args, "/bin/sh", "-c", "setsid sleep 60 & echo $!; wait"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const inner = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
    await Promise.all([group.remove(), group.remove()]);
    expect(isRunning(inner)).toBe(false);
    expect(existsSync(dirname(group.enter.at(-2) ?? ""))).toBe(false);
  });

  test("an emptied group has ended everything inside, and takes new processes", async () => {
    const group = real.make(limits);
    const [shell = "", ...args] = group.enter;
    const start = () =>
      spawn(shell, [...args, "/bin/sh", "-c", "setsid sleep 60 & echo $!; wait"], { stdio: ["ignore", "pipe", "inherit"] });
    for (let n = 0; n < 2; n++) {
      const child = start();
      const inner = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
      await group.empty();
      expect(isRunning(inner)).toBe(false);
    }
    await group.empty();
    await group.remove();
  });

  test("a sweep ends and removes the groups of owners that are gone, and leaves those of the living", async () => {
    const place = parent();
    const ended = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
    const endedOwner = ownerOf(ended.pid ?? 0);
    ended.kill("SIGKILL");
    await new Promise((resolve) => ended.once("exit", resolve));
    const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
    const living = real.make(limits);
    const gone = join(place, `${endedOwner}_left`);
    const foreign = join(place, "nobody-known_left");
    mkdirSync(gone);
    mkdirSync(foreign);
    try {
      writeFileSync(join(gone, "cgroup.procs"), `${child.pid}`);
      await real.sweep();
      expect(existsSync(gone)).toBe(false);
      expect(isRunning(child.pid ?? 0)).toBe(false);
      expect(existsSync(foreign)).toBe(true);
      expect(own()).toHaveLength(1);
    } finally {
      rmdirSync(foreign);
      child.kill("SIGKILL");
      await living.remove();
    }
  });

  test("harnesses that make and remove groups at the same time do not come in each other's way", async () => {
    const source = `import { controlGroups } from ${JSON.stringify(new URL("./control-group.ts", import.meta.url).href)};
const groups = controlGroups();
for (let n = 0; n < 300; n++) await groups.make(${JSON.stringify(limits)}).remove();`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", source];
    const harnesses = Array.from({ length: 3 }, () => spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] }));
    const ends = harnesses.map(async (child) => {
      const [errors] = await Promise.all([text(child.stderr), once(child, "exit")]);
      return errors;
    });
    expect(await Promise.all(ends)).toEqual(["", "", ""]);
  });
});
