import { expect, test } from "vitest";
import { connect } from "../../bench/servers/connection.ts";
import { patientMs } from "../../testing/patience.ts";
import { toolClient } from "../../testing/tool-client.ts";
import { clock, clockTools } from "./server.ts";

const timeoutMs = patientMs;

test("lists sleep alone", async () => {
  const { tools } = await toolClient(clock({ virtualTime: true }));
  expect(tools.map(({ name }) => name)).toEqual(["sleep"]);
  expect(JSON.stringify(tools)).toBe(JSON.stringify(clockTools));
});

test("in virtual time it answers at once and says in _meta how long it would have waited", async () => {
  const server = clock({ virtualTime: true });
  const { client } = await connect(server, { timeoutMs });
  const results = [];
  for (const seconds of [3600, 5]) results.push(await client.callTool({ name: "sleep", arguments: { seconds } }));
  expect(results).toMatchObject([
    { structuredContent: { sleptSeconds: 3600 }, _meta: { "mcp-code-bench/virtualWaitSeconds": 3600 } },
    { structuredContent: { sleptSeconds: 5 }, _meta: { "mcp-code-bench/virtualWaitSeconds": 5 } },
  ]);
  expect(await server.snapshot()).toEqual({ sleptSeconds: 3605 });
});

test("in real time it waits, and says nothing in _meta", async () => {
  const server = clock({ virtualTime: false });
  const { client } = await connect(server, { timeoutMs });
  let over = false;
  const call = client.callTool({ name: "sleep", arguments: { seconds: 1 } }).finally(() => {
    over = true;
  });
  // A shorter timer: however slow the machine is, it fires first if the call waits a second, and never if it does not.
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(over).toBe(false);
  const result = await call;
  expect(result).toMatchObject({ structuredContent: { sleptSeconds: 1 } });
  expect(result._meta ?? {}).not.toHaveProperty("mcp-code-bench/virtualWaitSeconds");
  expect(await server.snapshot()).toEqual({ sleptSeconds: 1 });
});

test.each([0, 3601, 1.5, "5", null])("refuses to sleep for %j seconds and names the field", async (seconds) => {
  const { refusal } = await toolClient(clock({ virtualTime: true }));
  expect(await refusal("sleep", { seconds })).toMatch(/^Invalid arguments for tool sleep: seconds: .* Correct them/);
});

test("two clocks count apart, and two connections to one clock count together", async () => {
  const [one, other] = [clock({ virtualTime: true }), clock({ virtualTime: true })];
  await (await toolClient(one)).call("sleep", { seconds: 2 });
  await (await toolClient(one)).call("sleep", { seconds: 3 });
  expect([await one.snapshot(), await other.snapshot()]).toEqual([{ sleptSeconds: 5 }, { sleptSeconds: 0 }]);
});
