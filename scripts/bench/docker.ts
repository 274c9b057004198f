/** The docker backend against dockerode used by hand: the same image, the same hardening, the same kind of channel. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GuestBridge, RunOptions, SandboxHost, Session } from "../../bench/types/index.ts";
import { docker as dockerSandbox } from "../../sandboxes/docker.ts";
import { atMost, type Benchmark, compare, type Round } from "./comparison.ts";
import { floor } from "./floors/docker.ts";
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
    const sandbox = dockerSandbox(host);
    // Makes the image, which the other side then uses.
    await (await sandbox.open(open)).close();
    const byHand = await floor.prepare(host);
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
        () => byHand.roundTrip(calls),
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
