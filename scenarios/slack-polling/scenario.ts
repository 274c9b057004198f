/** Look into a Slack channel every few seconds until a message appears. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../contract/index.ts";
import { awaitedPhrase, channelHistory } from "../../fixtures/channel.ts";
import { clock } from "../../mock-mcp-servers/clock/server.ts";
import { slack } from "../../mock-mcp-servers/slack/server.ts";
import { releaseChannel, type SlackState, slackState } from "../../mock-mcp-servers/slack/state.ts";
import { answerIs, stateIs } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code, codeReturning } from "./code.ts";
import { direct } from "./direct.ts";
import { params, type SlackPollingParams } from "./params.ts";

export const slackPolling = defineScenario<SlackPollingParams>({
  id: "slack-polling",
  title: "Poll a Slack channel until a message appears",
  source: "Anthropic, Code execution with MCP, 2025-11-04; Scott Farrell, Why Code-First Agents Beat MCP by 98.7%",
  params,
  variants: [{}],
  virtualTime: true,
  async world(params, seed) {
    const channel = releaseChannel(seed).id;
    const state = slackState({ seed, await: { channel, message: channelHistory(seed).awaited, atPoll: params.polls } });
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
  codeReturning,
  needs: ({ facts: { channel = "" } }) => [{ server: "slack", tool: "get_channel_history", look: { channel, limit: 10 } }],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `The message is there.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const { awaited } = channelHistory(seed);
    const channel = releaseChannel(seed).id;
    const before = end.before.slack as unknown as SlackState;
    const messages = { ...before.messages, [channel]: [...(before.messages[channel] ?? []), awaited] };
    // A program that does not know what the tool returns looks once before it polls: one reading more.
    const readings = (end.after.slack as unknown as SlackState).polls[channel];
    const polls = params.polls === 1 && readings === 2 ? 2 : params.polls;
    const expected = { ...before, messages, polls: { [channel]: polls } };
    // Direct lets time pass with the clock, code with its own timers.
    const unused = isDeepStrictEqual(end.after.clock, end.before.clock);
    const sleptSeconds = unused ? 0 : (params.polls - 1) * params.intervalSeconds;
    return [
      stateIs("the clock slept exactly through the pauses, or not at all", end.after.clock, { sleptSeconds }),
      answerIs(end.answer, { ts: awaited.ts, user: awaited.user }),
      stateIs("slack was read exactly as often as needed, and nothing was written", end.after.slack, expected as unknown as Json),
    ];
  },
});
