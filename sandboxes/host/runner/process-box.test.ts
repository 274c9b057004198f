import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { afterAll, expect, test } from "vitest";
import { runnerBundle } from "./bundle.ts";
import { nodeArguments, runnerEnvironment } from "./node-arguments.ts";
import { processBox } from "./process-box.ts";
import { runnerSessions } from "./sessions.ts";

const sessions = runnerSessions("test");
const folder = mkdtempSync(join(tmpdir(), "process-box-"));
afterAll(async () => {
  await sessions.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const memoryBytes = 64 * 2 ** 20;

/** A session whose runner is started by `wrapper`. */
async function wrapped(wrapper: readonly string[]) {
  const { file } = await runnerBundle();
  const [program = "", ...args] = [...wrapper, execPath, ...nodeArguments(memoryBytes), file, "stdio"];
  const options = { language: "javascript", files: new Map(), memoryBytes } as const;
  return sessions.open(options, new Map(), async () =>
    processBox({ sandbox: "test", command: [program, ...args], folder, env: runnerEnvironment, clean: async () => undefined }),
  );
}

test.skipIf(platform !== "linux").each([
  ["starts the runner itself", []],
  ["is a shell that waits for it", ["/bin/sh", "-c", '"$0" "$@"; exit $?']],
  ["puts it into a process group of its own", ["/bin/sh", "-c", 'setsid -w "$0" "$@"; exit $?']],
])("resident bytes are the runner's where the command %s (needs /proc)", async (_, wrapper) => {
  const session = await wrapped(wrapper);
  const { residentBytes } = await session.usage();
  // Node takes more; a shell less than a tenth of it.
  expect(residentBytes).toBeGreaterThan(30e6);
  expect(residentBytes).toBeLessThan(200e6);
  await session.close();
});
