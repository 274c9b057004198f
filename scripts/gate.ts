/**
 * The project's own gate: plays its scenarios with one counter and two seeds, and holds them against the committed budgets
 * and figures. Run: npm run gate; after a change that is meant to cost tokens: npm run gate -- --update
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const selection = ["--seeds", "2", "--counter", "o200k_base", "--serialisation", "json", "--sandbox", "quickjs", "--no-controls"];

const folder = mkdtempSync(join(tmpdir(), "token-gate-"));
try {
  const results = join(folder, "run");
  // The gate says what it needs; a failed cell fails it as well.
  const played = command(["run", ...selection, "--quiet", "--out", results], "ignore");
  process.exitCode =
    played > 1
      ? played
      : command(
          [
            "gate",
            results,
            "--budget",
            ".ci/token-budgets.json",
            "--baseline",
            ".ci/tokens.lock.json",
            "--why",
            ...process.argv.slice(2),
          ],
          "inherit",
        );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function command(args: readonly string[], stdout: "ignore" | "inherit"): number {
  const stdio = ["ignore", stdout, "inherit"] as const;
  return spawnSync(process.execPath, [join("bench", "bin.mjs"), ...args], { cwd: project, stdio: [...stdio] }).status ?? 2;
}
