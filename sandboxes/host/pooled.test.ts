import { afterAll, describe, expect, test } from "vitest";
import { measurePoolLeak } from "../../bench/measure/jobs/pool-leak.ts";
import { expectText } from "../../bench/measure/jobs/programs.ts";
import type { OpenOptions } from "../../contract/index.ts";
import { floorId } from "../../contract/sandbox-measurement.ts";
import { sameAs } from "../../testing/conformance.ts";
import { fakeSandbox } from "../../testing/fake-sandbox.ts";
import { quickjs } from "../backends/quickjs/sandbox.ts";
import { describeConformance, testSandbox } from "../checks/conformance/describe.ts";
import { sandboxRegistry } from "../registry.ts";
import { pooled } from "./pooled.ts";

// It is a backend itself.
await describeConformance((host) => pooled(quickjs(host), 2));

const options: OpenOptions = { language: "javascript", files: new Map(), memoryBytes: 2 ** 26 };

describe("a pool", () => {
  test("hands out what it opened ahead, each session once, and opens as many again", async () => {
    const backend = fakeSandbox();
    const pool = pooled(backend, 2);
    await pool.prepare(options);
    expect(backend.sessions).toHaveLength(2);
    const users = [await pool.open(options), await pool.open(options)];
    expect(backend.sessions).toHaveLength(2);
    for (const session of users) await session.close();
    await pool.prepare(options);
    expect(backend.sessions).toHaveLength(4);
    users.push(await pool.open(options), await pool.open(options), await pool.open(options));
    expect(new Set(users).size).toBe(5);
    await pool.dispose();
  });

  test.each<[string, Partial<OpenOptions>]>([
    ["another map of files, though it holds the same", { files: new Map() }],
    ["another memory limit", { memoryBytes: 2 ** 25 }],
    ["another language", { language: "python" }],
    ["another egress, though it grants the same", { egress: { allow: [], log: () => undefined } }],
    ["other data folders", { data: [{ name: "a", path: "/a" }] }],
  ])("a session fits only what it was opened for: %s is opened cold, and what waited is closed", async (_what, other) => {
    const backend = fakeSandbox();
    const pool = pooled(backend, 2);
    await pool.prepare(options);
    await pool.open({ ...options, ...other });
    expect(backend.sessions.map(({ closed }) => closed)).toEqual([true, true, false]);
    await pool.dispose();
  });

  test("an open that finds nothing waiting passes the backend's error on, and the next one tries again", async () => {
    let broken = true;
    const pool = pooled(
      fakeSandbox({
        async beforeOpen() {
          if (broken) throw new Error("no room");
        },
      }),
      1,
    );
    await pool.prepare(options);
    await expect(pool.open(options)).rejects.toThrow("no room");
    broken = false;
    await expect(pool.open(options)).resolves.toBeDefined();
    await pool.dispose();
  });

  test("dispose closes what waits and what is being opened", async () => {
    const gate = Promise.withResolvers<void>();
    const backend = fakeSandbox({ beforeOpen: (session) => (session === 0 ? Promise.resolve() : gate.promise) });
    const pool = pooled(backend, 2);
    const filling = pool.prepare(options);
    await expect.poll(() => backend.sessions).toHaveLength(2);
    const disposed = pool.dispose();
    gate.resolve();
    await Promise.all([filling, disposed]);
    expect(backend.sessions.map(({ closed }) => closed)).toEqual([true, true]);
  });

  test("the one who asks may give up, and what is opened ahead does not end with that", async () => {
    const backend = fakeSandbox();
    const pool = pooled(backend, 1);
    const stop = new AbortController();
    await pool.prepare({ ...options, signal: stop.signal });
    stop.abort();
    await expect(pool.open({ ...options, signal: stop.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(backend.sessions.map(({ closed }) => closed)).toEqual([false]);
    await pool.dispose();
  });

  test("its sessions count among those that the backend holds, and its configuration is another one", () => {
    const pool = pooled(fakeSandbox({ maxSessions: 8 }), 3);
    expect(pool.maxSessions).toBe(5);
    expect(pool.configuration).toEqual({ flags: ["a"], pooledSessions: 3 });
    expect(() => pooled(fakeSandbox(), 0)).toThrow(RangeError);
  });
});

/** Controls whose sessions all see the machine's files: they show that the look finds what there is. */
const leaking: ReadonlySet<string> = new Set(["subprocess", "worker-threads"]);

describe("files, globals and processes that one user leaves in a pooled session", async () => {
  for (const id of sandboxRegistry.ids.filter((name) => name !== floorId)) {
    const { sandbox, dispose } = testSandbox(await sandboxRegistry.load(id));
    const availability = await sandbox.available();
    if (availability.status === "unavailable") {
      test.skip(`${id}: unavailable here: ${availability.reason}. ${availability.fix}`, () => undefined);
      continue;
    }
    afterAll(dispose);
    if (sameAs[id] !== undefined) {
      test.skip(`${id}: the same machine as ${sameAs[id]}, which is tried`, () => undefined);
      continue;
    }
    const seen = leaking.has(id) ? "are seen by the next one: it is a control without isolation" : "are not seen by the next one";
    test(`${id}: ${seen}`, async () => {
      const pool = pooled(sandbox, 1);
      const measured = await measurePoolLeak({
        ...{ sandbox, pool, floor: false, memoryBytes: 2 ** 28, sessions: null, expect: expectText },
        language: sandbox.languages.includes("javascript") ? "javascript" : "python",
        now: () => 0,
        nonce: crypto.randomUUID().replaceAll("-", ""),
      });
      expect(measured, `if ${id} is a control that isolates no files, it belongs to leaking`).toEqual({
        nextUserSaw: [leaking.has(id) ? 1 : 0],
      });
      await pool.empty();
    });
  }
});
