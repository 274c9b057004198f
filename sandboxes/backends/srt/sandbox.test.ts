/** Needs bubblewrap, socat and ripgrep on this machine; scripts/setup-sandboxes.sh installs them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeBackend } from "../../../testing/conformance.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { neededPrograms } from "./runtime.ts";
import { srt } from "./sandbox.ts";

await describeBackend("srt");

test("below a temporary folder whose path is too long for its sockets it is unavailable, and says what to do", async () => {
  const { host, tmpDir, dispose } = testSandbox(srt);
  // Programs of these names, whatever this machine has: the path's length is looked at last, and nothing is started.
  const programs = join(tmpDir, "bin");
  mkdirSync(programs);
  for (const name of neededPrograms) writeFileSync(join(programs, name), "", { mode: 0o755 });
  const deep = (length: number) =>
    srt({ ...host, platform: "linux", env: { PATH: programs }, tmpDir: join("/tmp", "x".repeat(length)) }).available();
  expect(await deep(70)).toMatchObject({ status: "unavailable", fix: expect.stringContaining("TMPDIR=/tmp") });
  expect(await deep(50)).toEqual({ status: "available" });
  await dispose();
});

test("without its programs it is unavailable, with their names and what to do", async () => {
  const { host, dispose } = testSandbox(srt);
  expect(await srt({ ...host, platform: "linux", env: { PATH: "/nowhere" } }).available()).toEqual({
    status: "unavailable",
    reason: "there is no program bwrap, socat, rg",
    fix: expect.stringContaining("scripts/setup-sandboxes.sh srt"),
  });
  await dispose();
});
