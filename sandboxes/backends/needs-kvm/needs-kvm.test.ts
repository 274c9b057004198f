import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { firecracker, microsandbox } from "./needs-kvm.ts";

test.each([
  ["firecracker", firecracker],
  ["microsandbox", microsandbox],
] as const)("%s says what is missing, that there is no adapter, and what to use instead", async (id, factory) => {
  const { sandbox, dispose } = testSandbox(factory);
  const availability = await sandbox.available();
  expect(availability).toMatchObject({
    status: "unavailable",
    reason: expect.stringMatching(/no adapter for it yet$/),
    fix: expect.stringMatching(/qemu.*\(docs\/sandboxes\.md, "Adding a backend"\)/),
  });
  expect(readFileSync(new URL("../../../docs/sandboxes.md", import.meta.url), "utf8")).toContain("\n## Adding a backend\n");
  await expect(sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
    details: { sandbox: id },
  });
  await dispose();
});
