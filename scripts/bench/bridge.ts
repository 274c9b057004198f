/** One call through the bridge against the SDK client's own call, on one in-memory server. */
import { createBridge } from "../../bench/servers/bridge/bridge.ts";
import { connect } from "../../bench/servers/connection.ts";
import { memoryServer, plainTool } from "../../testing/memory-server.ts";
import { atMost, type Benchmark, compare } from "./comparison.ts";
import { microRounds } from "./rounds.ts";

const limits = { maxArgumentBytes: 2 ** 20, maxResultBytes: 2 ** 25, maxConcurrentCalls: 64, maxCalls: Number.MAX_SAFE_INTEGER };
const sizes = [
  { name: "1 KB", characters: 1_000 },
  { name: "1 MB", characters: 1_000_000 },
];
const effort = { rounds: 20, timeMs: 100, iterations: 20 };
const line = "The quick brown fox jumps over the lazy dog, and then it does so again. ";

export const bridge: Benchmark = {
  id: "bridge",
  title: "A tool call through the bridge against the SDK client's callTool, in memory",
  async run() {
    const comparisons = [];
    for (const { name, characters } of sizes) {
      const text = line.repeat(Math.ceil(characters / line.length)).slice(0, characters);
      const server = memoryServer({
        name: "s",
        list: () => ({ tools: [plainTool("t")] }),
        call: () => ({ content: [{ type: "text", text }] }),
      });
      const connection = await connect(server, { timeoutMs: 5_000 });
      const lend = () => createBridge([connection], { limits, now: () => performance.now() });
      const raw = () => connection.client.callTool({ name: "t", arguments: { path: "a" } });
      const lent = lend();
      const call = () => lent.call("s", "t", { path: "a" });
      comparisons.push(compare(`${name} text result`, await microRounds(call, raw, effort), { target: atMost(1.25) }));
      let logged = lend();
      const callAndLog = async () => {
        await logged.call("s", "t", { path: "a" });
        if (logged.log.length >= 10_000) logged = lend();
      };
      comparisons.push(compare(`${name} text result, and reading the log`, await microRounds(callAndLog, raw, effort)));
      await connection.close();
    }
    return {
      comparisons,
      notes: [
        "20 rounds, each a short tinybench of both sides; a round's figure is its median call.",
        "The bridge counts the bytes of long texts when its log is read, once a cell: the lines without a target do that after every call. In memory the SDK hands a text over by reference, so against that a count of its bytes is large.",
      ],
    };
  },
};
