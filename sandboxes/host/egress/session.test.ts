import { expect, test } from "vitest";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { sandboxRegistry } from "../../registry.ts";
import { egressBackends } from "./session.ts";

test("a refusal names exactly the backends that declare egress", async () => {
  const declaring: string[] = [];
  for (const id of sandboxRegistry.ids) {
    const { sandbox, dispose } = testSandbox(await sandboxRegistry.load(id));
    if (sandbox.egress === true) declaring.push(id);
    await dispose();
  }
  expect(egressBackends).toEqual(declaring.toSorted());
});
