/** How long somebody waits for `--help`, against a Node that does nothing. */
import { fileOf, runChild } from "./child.ts";
import { atMost, type Benchmark, compare } from "./comparison.ts";
import { interleave } from "./rounds.ts";

const pairs = 40;
const quiet = { measureCpu: false };

export const help: Benchmark = {
  id: "help",
  title: "--help against node -e 0",
  async run() {
    const ours = (command: readonly string[]) => async () =>
      (await runChild({ args: [fileOf("../../bench/bin.mjs"), ...command, "--help"] }, quiet)).wallMs;
    const bare = async () => (await runChild({ args: ["-e", "0"] }, quiet)).wallMs;
    const comparisons = [];
    for (const command of [[], ["run"]]) {
      // The compile cache and the disk's are warm for anybody's second call.
      await interleave(2, ours(command), bare);
      const rounds = await interleave(pairs, ours(command), bare);
      comparisons.push(compare(["mcp-code-bench", ...command, "--help"].join(" "), rounds, { target: atMost(2.5) }));
    }
    return {
      comparisons,
      notes: [`Whole processes, wall time from spawn to exit, ${pairs} interleaved pairs after two warm ones.`],
    };
  },
};
