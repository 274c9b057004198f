/**
 * The project's own gate: plays its scenarios with one counter and two seeds, and holds them against the committed budgets
 * and figures. Run: npm run gate; after a change that is meant to cost tokens: npm run gate -- --update
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const selection = ["--seeds", "2", "--counter", "o200k_base", "--serialisation", "json", "--sandbox", "quickjs", "--no-controls"];
const files = ["--budget", ".ci/token-budgets.json", "--baseline", ".ci/tokens.lock.json"];

// Kept where the gate fails: its messages name the records, and commands that read them.
const folder = mkdtempSync(join(tmpdir(), "token-gate-"));
const results = join(folder, "run");
const played = command(["run", ...selection, "--quiet", "--out", results], "ignore");
// The gate says what failed in a run that has records; of bad usage `run` has said it.
process.exitCode = existsSync(join(results, "records.jsonl"))
  ? command(["gate", results, ...files, "--why", ...process.argv.slice(2)], "inherit")
  : played;
if (process.exitCode === 0) rmSync(folder, { recursive: true, force: true });

function command(args: readonly string[], stdout: "ignore" | "inherit"): number {
  const stdio = ["ignore", stdout, "inherit"] as const;
  return spawnSync(process.execPath, [join("bench", "bin.mjs"), ...args], { cwd: project, stdio: [...stdio] }).status ?? 2;
}
