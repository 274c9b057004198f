import { afterAll, expect, test } from "vitest";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { nodeVm } from "./sandbox.ts";

await describeBackend("node-vm");

const { sandbox, dispose } = testSandbox(nodeVm);
afterAll(dispose);

test("as a control must, it lets both constructor walks reach the host's process", async () => {
  const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
  const source = `for (const from of [globalThis, callTool]) console.log(from.constructor.constructor("return typeof process.pid")());`;
  const bridge = { call: async () => ({ status: "ok", text: "" }) as const };
  const limits = { bridge, wallTimeMs: patientMs, outputBytes: 1000, virtualTime: false };
  expect((await session.run({ file: "program.ts", source }, limits)).text).toBe("number\nnumber");
  await session.close();
});
