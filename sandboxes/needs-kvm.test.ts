import { expect, test } from "vitest";
import { testSandbox } from "./conformance/describe.ts";
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
    fix: expect.stringContaining("qemu"),
  });
  await expect(sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
    details: { sandbox: id },
  });
  await dispose();
});
