/** The docker backend against dockerode used by hand: the same image, the same hardening, the same kind of channel. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import type { GuestBridge, RunOptions, SandboxHost, Session } from "../../bench/types/index.ts";
import { containerOptions, runc } from "../../sandboxes/docker/container-box.ts";
import { findEngine } from "../../sandboxes/docker/engine.ts";
import { docker as dockerSandbox } from "../../sandboxes/docker.ts";
import { atMost, type Benchmark, compare, type Round } from "./comparison.ts";
import { interleave } from "./rounds.ts";

const rounds = 20;
const calls = 1_000;
const memoryBytes = 256 * 2 ** 20;
const files = new Map([
  ["servers/lab/echo.ts", `export const echo = (input: object): Promise<unknown> => callTool("lab", "echo", input);\n`],
]);
const open = { language: "javascript", files, memoryBytes } as const;
const bridge: GuestBridge = { call: async (_server, _tool, input) => ({ status: "ok", text: "", structured: input }) };
const limits: RunOptions = { bridge, wallTimeMs: 60_000, outputBytes: 10_000, virtualTime: false };

/** What a guest by hand does: connects, and says that it is there. */
const floorStart = `const socket = require("node:net").connect("/run/mcp-code-bench/agent.sock"); socket.write("2");`;
/** And then sends as many bytes as one call of ours and waits for them to come back, again and again. */
const floorEcho = `const socket = require("node:net").connect("/run/mcp-code-bench/agent.sock");
const bytes = Buffer.alloc(120, 120); let left = ${2 * calls}, seen = 0, start = 0;
socket.on("data", (chunk) => { seen += chunk.length; if (seen < bytes.length) return; seen = 0;
if (--left === ${calls}) start = performance.now();
if (left === 0) socket.end(String((performance.now() - start) / ${calls})); else socket.write(bytes); });
socket.write(bytes);`;
const program = (source: string) => ({ file: "program.ts", source });
const echoProgram = `import { echo } from "./servers/lab/echo.ts";
for (let i = 0; i < ${calls}; i++) await echo({ i });
const start = performance.now();
for (let i = 0; i < ${calls}; i++) await echo({ i });
console.log((performance.now() - start) / ${calls});`;

export const docker: Benchmark = {
  id: "docker",
  title: "The docker backend against dockerode by hand",
  async run(say) {
    const tmpDir = mkdtempSync(join(tmpdir(), "bench-docker-"));
    const now = () => performance.now();
    const host: SandboxHost = { env: process.env, platform: process.platform, now, tmpDir, nodePath: process.execPath };
    const found = await findEngine(host);
    if (!("engine" in found)) throw new Error(`${found.reason}. ${found.fix}`);
    const sandbox = dockerSandbox(host);
    // Makes the image, which the other side then uses.
    await (await sandbox.open(open)).close();
    const [image] = (await found.engine.listImages({ filters: { reference: ["mcp-code-bench/guest"] } })).flatMap(
      ({ RepoTags }) => RepoTags ?? [],
    );
    const byHand = floor(found.engine, tmpDir, image ?? "");
    try {
      say("cold starts");
      const coldRounds = await interleave(
        rounds,
        async () => {
          const start = now();
          const session = await sandbox.open(open);
          await session.run(program("console.log(2)"), limits);
          return timed(start, session);
        },
        () => byHand.cold(),
      );
      say("tool round trips");
      const tripRounds = await interleave(
        rounds,
        async () => {
          const session = await sandbox.open(open);
          const { text } = await session.run(program(echoProgram), limits);
          await session.close();
          return Number(text);
        },
        () => byHand.roundTrip(),
      );
      return {
        comparisons: [
          compare("cold start: to the result of a first program", coldRounds, { target: atMost(1.1) }),
          compare("the same as a difference", coldRounds, { figure: difference, figureUnit: "ms", target: atMost(5, "ms") }),
          compare("one tool call of a program, to the host and back", tripRounds, { target: atMost(1.5) }),
        ],
        notes: [
          `${rounds} rounds. By hand: the same container options, and a Node program that connects to the socket and sends one byte, or ${calls} times 120 bytes that come back, after as many that are not counted; a program's calls likewise.`,
          "A cold start is on target if it meets either of its two lines.",
        ],
      };
    } finally {
      await sandbox.dispose();
      rmSync(tmpDir, { recursive: true, force: true });
    }
  },
};

const difference = ({ left, right }: Round) => left - right;

async function timed(start: number, session: Session): Promise<number> {
  const elapsedMs = performance.now() - start;
  await session.close();
  return elapsedMs;
}

function floor(engine: Docker, tmpDir: string, image: string) {
  const folder = mkdtempSync(join(tmpDir, "hand-"));
  mkdirSync(join(folder, "servers"));
  const channel = join(folder, "channel");
  mkdirSync(channel);

  /** Starts a container that runs `source`, hands its connection over, and removes it once `use` is done. */
  const withContainer = async (source: string, use: (socket: Socket) => Promise<number>): Promise<number> => {
    const path = join(channel, "agent.sock");
    const server = createServer();
    const connected = new Promise<Socket>((resolve) => server.once("connection", resolve));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    chmodSync(path, 0o666);
    const options = containerOptions({ image, runtime: runc, labels: {}, tree: folder, data: [], memoryBytes }, channel);
    const container = await engine.createContainer({ ...options, Cmd: ["node", "-e", source] });
    await container.start();
    const measured = await use(await connected);
    server.close();
    await container.remove({ force: true });
    return measured;
  };
  return {
    async cold() {
      const start = performance.now();
      return withContainer(floorStart, async (socket) => {
        await new Promise((resolve) => socket.once("data", resolve));
        return performance.now() - start;
      });
    },
    roundTrip: () =>
      withContainer(
        floorEcho,
        (socket) =>
          new Promise((resolve) => {
            socket.on("data", (chunk) => {
              // The last message is the guest's own figure; every other one is its bytes.
              if (chunk[0] === 120) socket.write(chunk);
              else resolve(Number(String(chunk)));
            });
          }),
      ),
  };
}
