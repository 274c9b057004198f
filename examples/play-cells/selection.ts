/** What this project plays: everything that is not said here is as `mcp-code-bench run` has it. */
import { runConfig } from "mcp-code-bench";

export const selection = runConfig({
  scenarios: ["slack-polling"],
  params: ["polls=3"],
  tools: [null],
  seeds: 2,
  controls: false,
  bounds: false,
});
