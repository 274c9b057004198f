/** Look into a Slack channel every few seconds until a message appears. */
import { z } from "zod";
import type { Json, JsonObject } from "../../bench/types/index.ts";
import { awaitedPhrase, channelHistory } from "../../fixtures/channel.ts";
import { clock } from "../../mock-mcp-servers/clock/server.ts";
import { slack } from "../../mock-mcp-servers/slack/server.ts";
import { slackState } from "../../mock-mcp-servers/slack/state.ts";
import { answerIs, stateIs } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code } from "./code.ts";
import { direct } from "./direct.ts";

const params = z.strictObject({
  polls: z.int().min(1).max(1000).default(10).describe("The awaited message appears in this reading of the channel"),
  intervalSeconds: z.int().min(1).max(3600).default(5).describe("Pause between two readings, in seconds"),
});
export type SlackPollingParams = z.output<typeof params>;

export const slackPolling = defineScenario<SlackPollingParams>({
  id: "slack-polling",
  title: "Poll a Slack channel until a message appears",
  source: "Anthropic, Code execution with MCP, 2025-11-04; Scott Farrell, Why Code-First Agents Beat MCP by 98.7%",
  params,
  variants: [{}],
  virtualTime: true,
  async world(params, seed) {
    const { state, channelId: channel } = slackState({ seed, atPoll: params.polls });
    const prompt =
      `Wait until a message that contains "${awaitedPhrase}" appears in the Slack channel ${channel}. Look every ${params.intervalSeconds} seconds. ` +
      `End your answer with one line of JSON: {"ts": <the message's ts>, "user": <its author's id>}`;
    return {
      task: { params, seed, prompt, facts: { channel, awaited: awaitedPhrase } },
      servers: [slack(state), clock({ virtualTime: true })],
    };
  },
  direct,
  code,
  needs: () => [{ server: "slack", tool: "get_channel_history" }],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `The message is there.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const { ts, user } = channelHistory(seed).awaited;
    const before = end.before.slack as JsonObject;
    const expected: Json = { ...before, polls: params.polls };
    return [answerIs(end.answer, { ts, user }), stateIs("slack was read exactly as often as needed", end.after.slack, expected)];
  },
});
