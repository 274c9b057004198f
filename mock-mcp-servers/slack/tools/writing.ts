/** Tools that post, change, mark and schedule messages. */
import { z } from "zod";
import type { ChannelMessage } from "../../../fixtures/channel.ts";
import { withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { addMessage, channelOf, issueTs, messageOf, nowSeconds, replaceMessage, type SlackState } from "../state.ts";
import { channel, ts } from "./shapes.ts";

const tool = toolsOver<SlackState>();

const text = z.string().min(1).max(40_000).describe("Message text in Slack's mrkdwn");
const posted = z.object({ channel: z.string(), ts: z.string().describe("Timestamp of the message") });

/** A message that the acting user wrote. Throws ToolFailure for anyone else's. */
function ownMessage(state: SlackState, channelId: string, at: string): ChannelMessage {
  const found = messageOf(state, channelId, at);
  if (found.user !== state.user)
    throw new ToolFailure("Only the author can change a message, and this one was written by another user.");
  return found;
}

function post(state: SlackState, channelId: string, body: string, threadTs?: string) {
  const message: ChannelMessage = {
    ts: issueTs(state),
    user: state.user,
    text: body,
    ...(threadTs !== undefined && { threadTs }),
    reactions: [],
  };
  addMessage(state, channelId, message);
  return { channel: channelId, ts: message.ts };
}

export const writingTools = [
  tool({
    name: "post_message",
    description: "Post a message to a channel.",
    input: z.object({ channel, text }),
    output: posted,
    run: (state, args) => post(state, channelOf(state, args.channel).id, args.text),
  }),
  tool({
    name: "reply_to_thread",
    description: "Reply in the thread of a message; the first reply starts the thread.",
    input: z.object({ channel, threadTs: ts.describe("Timestamp of the message to reply to"), text }),
    output: posted,
    run(state, args) {
      const parent = messageOf(state, args.channel, args.threadTs);
      const threadTs = parent.threadTs ?? parent.ts;
      if (parent.threadTs === undefined) replaceMessage(state, args.channel, parent, { ...parent, threadTs });
      return post(state, args.channel, args.text, threadTs);
    },
  }),
  tool({
    name: "update_message",
    description: "Replace the text of a message that you wrote.",
    input: z.object({ channel, ts, text }),
    output: posted,
    run(state, args) {
      const before = ownMessage(state, args.channel, args.ts);
      replaceMessage(state, args.channel, before, { ...before, text: args.text });
      return { channel: args.channel, ts: args.ts };
    },
  }),
  tool({
    name: "delete_message",
    description: "Delete a message that you wrote. A message with replies cannot be deleted.",
    input: z.object({ channel, ts }),
    output: posted,
    run(state, args) {
      const before = ownMessage(state, args.channel, args.ts);
      const replied = (state.messages[args.channel] ?? []).some((one) => one !== before && one.threadTs === before.ts);
      if (replied) throw new ToolFailure("The message has replies. Delete those first, or use update_message.");
      replaceMessage(state, args.channel, before, undefined);
      return { channel: args.channel, ts: args.ts };
    },
  }),
  tool({
    name: "add_reaction",
    description: "Add an emoji reaction to a message. Adding the same reaction twice is an error.",
    input: z.object({
      channel,
      ts,
      name: z
        .string()
        .regex(/^[a-z0-9_+-]+$/)
        .describe("Emoji name without colons, e.g. white_check_mark"),
    }),
    output: posted.extend({ name: z.string(), count: z.int().describe("Users with this reaction, you included") }),
    run(state, args) {
      const before = messageOf(state, args.channel, args.ts);
      const users = before.reactions.find((one) => one.name === args.name)?.users ?? [];
      if (users.includes(state.user)) throw new ToolFailure(`You already reacted with :${args.name}: to this message.`);
      const added = { name: args.name, users: [...users, state.user] };
      const others = before.reactions.filter((one) => one.name !== args.name);
      replaceMessage(state, args.channel, before, { ...before, reactions: [...others, added] });
      return { channel: args.channel, ts: args.ts, name: args.name, count: added.users.length };
    },
  }),
  tool({
    name: "set_channel_topic",
    description: "Set the topic that is shown at the top of a channel.",
    input: z.object({ channel, topic: z.string().max(250).describe("New topic, at most 250 characters") }),
    output: z.object({ channel: z.string(), topic: z.string() }),
    run(state, args) {
      const before = channelOf(state, args.channel);
      state.channels = withRecord(state.channels, before.id, { ...before, topic: args.topic });
      return { channel: before.id, topic: args.topic };
    },
  }),
  tool({
    name: "pin_message",
    description: "Pin a message to its channel, so that it is easy to find again.",
    input: z.object({ channel, ts }),
    output: z.object({ channel: z.string(), pinned: z.array(z.string()).describe("Timestamps of all pinned messages") }),
    run(state, args) {
      const { ts: at } = messageOf(state, args.channel, args.ts);
      const before = state.pins[args.channel] ?? [];
      if (before.includes(at)) throw new ToolFailure("The message is already pinned.");
      state.pins = withRecord(state.pins, args.channel, [...before, at]);
      return { channel: args.channel, pinned: [...before, at] };
    },
  }),
  tool({
    name: "schedule_message",
    description: "Schedule a message to be posted to a channel later. List what is scheduled with list_scheduled_messages.",
    input: z.object({ channel, text, postAt: z.int().describe("When to post, in seconds since 1970, in the future") }),
    output: z.object({ id: z.string().describe("ID of the scheduled message"), channel: z.string(), postAt: z.int() }),
    run(state, args) {
      const { id: channelId } = channelOf(state, args.channel);
      if (args.postAt <= nowSeconds) throw new ToolFailure(`postAt must be in the future; now is ${nowSeconds}.`);
      state.idsIssued += 1;
      const scheduled = {
        id: `Q${String(state.idsIssued).padStart(10, "0")}`,
        channel: channelId,
        text: args.text,
        postAt: args.postAt,
      };
      state.scheduled = [...state.scheduled, scheduled];
      return { id: scheduled.id, channel: channelId, postAt: args.postAt };
    },
  }),
  tool({
    name: "list_scheduled_messages",
    description: "List the messages that are scheduled and not yet posted, earliest first.",
    input: z.object({ channel: z.string().optional().describe("Only this channel, by ID") }),
    output: z.object({
      scheduled: z.array(z.object({ id: z.string(), channel: z.string(), text: z.string(), postAt: z.int() })),
    }),
    run(state, args) {
      const channelId = args.channel === undefined ? undefined : channelOf(state, args.channel).id;
      const found = state.scheduled.filter((one) => channelId === undefined || one.channel === channelId);
      return { scheduled: found.sort((a, b) => a.postAt - b.postAt) };
    },
  }),
];
