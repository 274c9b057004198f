/** Needs bubblewrap, socat and ripgrep on this machine; scripts/setup-sandboxes.sh installs them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeConformance, testSandbox } from "./conformance/describe.ts";
import { srt } from "./srt.ts";

await describeConformance(srt);

test("below a temporary folder whose path is too long for its sockets it is unavailable, and says what to do", async () => {
  const { host, dispose } = testSandbox(srt);
  const deep = (length: number) => srt({ ...host, tmpDir: join("/tmp", "x".repeat(length)) }).available();
  expect(await deep(70)).toMatchObject({ status: "unavailable", fix: expect.stringContaining("TMPDIR=/tmp") });
  expect(await deep(50)).toEqual(await srt({ ...host, tmpDir: "/tmp" }).available());
  await dispose();
});
