import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createBridge } from "../../bench/servers/bridge/bridge.ts";
import { type Connection, connect } from "../../bench/servers/connection.ts";
import type { BenchError, WorldServer } from "../../contract/index.ts";
import { patientMs, withEnoughTime } from "../../testing/patience.ts";
import { isRunning } from "../../testing/processes.ts";
import { type StdioServerOptions, stdioServer } from "./stdio-server.ts";

const hostileServer = fileURLToPath(new URL("../../testing/hostile-server.ts", import.meta.url));
const stableServer = fileURLToPath(new URL("../../testing/stable-server.ts", import.meta.url));
const limits = { maxArgumentBytes: 10_000, maxResultBytes: 10_000_000, maxConcurrentCalls: 8, maxCalls: 100 };
const open: WorldServer[] = [];
const pids: number[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
  expect(pids.splice(0).filter(isRunning)).toEqual([]);
});

/** A server whose processes are noted, so that the test fails if one is left. */
function watched(options: StdioServerOptions): WorldServer {
  const server = stdioServer(options);
  open.push(server);
  return {
    ...server,
    async connect() {
      const transport = await server.connect();
      if ("pid" in transport && typeof transport.pid === "number") pids.push(transport.pid);
      return transport;
    },
  };
}

function hostile(fault: string, options: Partial<StdioServerOptions> & { extra?: string } = {}): WorldServer {
  const { extra = "", ...rest } = options;
  return watched({ name: "hostile", command: process.execPath, args: [hostileServer, fault, extra], ...rest });
}

function bridgeTo(connection: Connection, callTimeoutMs = patientMs) {
  return createBridge([connection], { limits, now: () => performance.now(), callTimeoutMs });
}

/** The error of a connect that must fail. */
async function failure(server: WorldServer, timeoutMs = patientMs): Promise<BenchError> {
  const connection = await connect(server, { timeoutMs }).catch((error: BenchError) => error);
  if ("client" in connection) throw new Error("It connected.");
  expect(connection.code).toBe("SERVER_START");
  return connection;
}

describe("a server that cannot be started", () => {
  test("an unknown command is named, with the fix", async () => {
    const server = watched({ name: "files", command: "no-such-command-anywhere" });
    expect((await failure(server)).message).toBe(
      'MCP server "files" cannot be used: the command "no-such-command-anywhere" was not found. Install it, or correct the command.',
    );
  });

  test("a server that came with no catalogue gets no advice about one", async () => {
    const failures = ["hangs-at-initialize", "refuses-list"].map((fault) => failure(hostile(fault), 1_500));
    failures.push(failure(watched({ name: "files", command: process.execPath, cwd: "/no/such/folder" })));
    for (const { message } of await Promise.all(failures)) expect(message).not.toContain("catalogue");
  });

  test("a missing folder and a missing command have different messages", async () => {
    const server = watched({ name: "files", command: process.execPath, cwd: "/no/such/folder" });
    expect((await failure(server)).message).toContain('its folder "/no/such/folder" does not exist');
  });

  test("a crash at the start gives the exit code and a clean stderr without secrets", async () => {
    const { message } = await failure(hostile("crash-at-start", { env: { SERVICE_TOKEN: "s3cr3t-value" } }));
    expect(message).toContain("it exited with code 3");
    expect(message).toContain("Its stderr ended with:\nCannot reach the database\ntoken was [redacted]");
    expect(message).not.toContain("s3cr3t-value");
  });

  test("a process that has ended before the first message is sent, which a busy host has not seen yet, is reported with its exit code", async () => {
    const server = hostile("crash-at-start");
    const unheard: WorldServer = {
      ...server,
      async connect() {
        const transport = await server.connect();
        // The exit is an event, and events do not arrive in here.
        while (isRunning(pids.at(-1) ?? 0));
        return transport;
      },
    };
    expect((await failure(unheard)).message).toContain("it exited with code 3");
  });

  test.each([
    ["hangs-at-initialize", "it did not answer initialize within <time> ms. Start it by hand"],
    ["hangs-at-list", "it did not answer tools/list within <time> ms. Start it by hand"],
    [
      "only-a-banner",
      'it did not answer initialize within <time> ms; it printed 1 line that is no MCP message, the first was: "Listening on port 3000"',
    ],
  ])("%s ends at the time-out, naming the step", async (fault, text) => {
    // As long as it takes to get to that step here.
    await withEnoughTime(800, async (timeoutMs) => {
      const { message } = await failure(hostile(fault), timeoutMs);
      expect(message).toContain(text.replace("<time>", String(timeoutMs)));
    });
  });

  test.each([
    ["dies-at-list", /during tools\/list it exited with code 4/],
    ["rubbish", /printed 20 lines that are no MCP messages, the first was: "log line 0 hello"/],
    ["endless-list", /its tool list goes past 1000 pages/],
    ["circular-list", /go round in a circle/],
    ["nameless-tool", /a tool without a name/],
    ["refuses-list", /bad /],
  ])("%s ends at once with the reason", async (fault, text) => {
    expect((await failure(hostile(fault))).message).toMatch(text);
  });

  test("a flood without a line end is stopped", async () => {
    expect((await failure(hostile("flood", { maxLineBytes: 1 << 20 }))).message).toContain(
      "it printed more than 1048576 bytes without the end of a line",
    );
  });
});

test("a line of text before the first message does not refuse a server", async () => {
  const connection = await connect(hostile("banner"), { timeoutMs: patientMs });
  expect(connection.tools).toHaveLength(1);
});

describe("a server that is older than version negotiation", () => {
  test.each(["dies-at-unknown-method", "silent-at-unknown-method"])("%s is connected to nevertheless", async (fault) => {
    const connection = await connect(hostile(fault), { timeoutMs: patientMs });
    expect(connection).toMatchObject({ protocol: "2025-11-25", tools: [{ name: "act" }] });
  });
});

describe("a server that fails in a call", () => {
  test.each([
    ["dies-in-call", { status: "failed", text: "The call of hostile__act failed: Connection closed (exited with code 9)" }],
    ["is-error", { status: "tool-error", text: "No such row" }],
    ["answers-twice", { status: "ok", text: "first" }],
    ["exits-after-answer", { status: "ok", text: "last words" }],
  ])("%s", async (fault, expected) => {
    const connection = await connect(hostile(fault), { timeoutMs: patientMs });
    const bridge = bridgeTo(connection);
    expect(await bridge.call("hostile", "act", {})).toEqual(expected);
    const again = await bridge.call("hostile", "act", {});
    expect(again.status).toBe(fault === "exits-after-answer" ? "failed" : expected.status);
  });

  test("a call without an answer fails at the call's time-out", async () => {
    const connection = await connect(hostile("hangs-in-call"), { timeoutMs: patientMs });
    expect(await bridgeTo(connection, 50).call("hostile", "act", {})).toEqual({
      status: "failed",
      text: "The call of hostile__act failed: Request timed out",
    });
  });

  test("a result of the wrong shape is failed", async () => {
    const connection = await connect(hostile("rubbish-result"), { timeoutMs: patientMs });
    expect((await bridgeTo(connection).call("hostile", "act", {})).status).toBe("failed");
  });

  test("a long result arrives whole", async () => {
    const connection = await connect(hostile("huge", { extra: "5000000" }), { timeoutMs: patientMs });
    const reply = await bridgeTo(connection).call("hostile", "act", {});
    expect([reply.status, reply.text.length]).toEqual(["ok", 5_000_000]);
  });
});

describe("close", () => {
  test.each(["stubborn", "grandchild"])("leaves no process of a %s server", async (fault) => {
    const server = hostile(fault);
    const connection = await connect(server, { timeoutMs: patientMs });
    if (fault === "grandchild") {
      await expect.poll(() => server.stderr()).toMatch(/grandchild \d+/);
      const grandchild = Number(/grandchild (\d+)/.exec(server.stderr())?.[1]);
      expect(isRunning(grandchild)).toBe(true);
      pids.push(grandchild);
    }
    expect(pids.filter(isRunning)).toEqual(pids);
    await connection.close();
    expect(pids.filter(isRunning)).toEqual([]);
    await connection.close();
  });

  test.skipIf(process.platform !== "linux").each(["is closed", "was killed before"])(
    "ends what left its group too, and nothing of another server, when a server %s",
    async (how) => {
      const grandchildOf = async (server: WorldServer) => {
        const connection = await connect(server, { timeoutMs: 5_000 });
        await expect.poll(() => server.stderr(), { timeout: 3_000 }).toMatch(/grandchild \d+/);
        return { connection, grandchild: Number(/grandchild (\d+)/.exec(server.stderr())?.[1]) };
      };
      const own = await grandchildOf(hostile("detached-grandchild"));
      const [leader = 0] = pids;
      const other = await grandchildOf(hostile("detached-grandchild"));
      pids.push(own.grandchild, other.grandchild);
      if (how === "was killed before") process.kill(leader, "SIGKILL");
      await own.connection.close();
      expect(isRunning(own.grandchild)).toBe(false);
      expect(isRunning(other.grandchild), "another server's").toBe(true);
    },
  );

  test("a server that was closed is not started again", async () => {
    const server = hostile("none");
    await server.close();
    await expect(server.connect()).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("real servers", () => {
  test("the stable line speaks the newest revision", async () => {
    const connection = await connect(watched({ name: "stable", command: process.execPath, args: [stableServer] }), {
      timeoutMs: patientMs,
    });
    expect(connection).toMatchObject({ protocol: "2026-07-28", serverVersion: "1.2.3", tools: [{ name: "double" }] });
    expect(await bridgeTo(connection).call("stable", "double", { value: 21 })).toEqual({
      status: "ok",
      text: '{"doubled":42}',
      structured: { doubled: 42 },
    });
  });

  test("server-everything on the maintenance line", async () => {
    const entry = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));
    const connection = await connect(watched({ name: "everything", command: process.execPath, args: [entry, "stdio"] }), {
      timeoutMs: patientMs,
    });
    expect(connection.protocol).toBe("2025-11-25");
    expect(connection.tools.map(({ name }) => name)).toContain("echo");
    const bridge = bridgeTo(connection);
    expect(await bridge.call("everything", "echo", { message: "hi" })).toEqual({ status: "ok", text: "Echo: hi" });
    expect(await bridge.call("everything", "get-structured-content", { location: "Chicago" })).toMatchObject({
      status: "ok",
      structured: { conditions: "Light rain / drizzle" },
    });
    expect((await bridge.call("everything", "get-sum", { a: "x" })).status).toBe("tool-error");
  });
});
