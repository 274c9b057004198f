/** Tools that change the workspace. */
import { z } from "zod";
import { withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { channelOf, messageOf, post, replaceMessage, type SlackState } from "../state.ts";
import { channel, ok, posted, text, ts } from "./shapes.ts";

const tool = toolsOver<SlackState>();

/** Throws ToolFailure for a message of somebody else. */
function own(state: SlackState, channelId: string, timestamp: string) {
  const message = messageOf(state, channelId, timestamp);
  if (message.user !== state.user) throw new ToolFailure("Only your own messages can be changed or deleted.");
  return message;
}

export const writingTools = [
  tool({
    name: "post_message",
    description: "Post a message to a channel.",
    input: z.object({ channel, text }),
    output: posted,
    run: (state, args) => ({ ok: true, ts: post(state, args.channel, args.text).ts }),
  }),
  tool({
    name: "reply_to_thread",
    description: "Reply to a message in its thread; the first reply starts the thread.",
    input: z.object({ channel, threadTs: z.string().describe("Timestamp of the thread's first message"), text }),
    output: posted,
    run(state, args) {
      const first = messageOf(state, args.channel, args.threadTs);
      return { ok: true, ts: post(state, args.channel, args.text, first.threadTs ?? first.ts).ts };
    },
  }),
  tool({
    name: "update_message",
    description: "Replace the text of one of your own messages.",
    input: z.object({ channel, ts, text }),
    output: posted,
    run(state, args) {
      replaceMessage(state, args.channel, args.ts, { ...own(state, args.channel, args.ts), text: args.text });
      return { ok: true, ts: args.ts };
    },
  }),
  tool({
    name: "delete_message",
    description: "Delete one of your own messages.",
    input: z.object({ channel, ts }),
    output: ok,
    run(state, args) {
      own(state, args.channel, args.ts);
      replaceMessage(state, args.channel, args.ts, undefined);
      return { ok: true };
    },
  }),
  tool({
    name: "add_reaction",
    description: "Add an emoji reaction to a message.",
    input: z.object({ channel, ts, name: z.string().describe("Emoji name without colons, e.g. thumbsup") }),
    output: ok,
    run(state, args) {
      const message = messageOf(state, args.channel, args.ts);
      const before = message.reactions.find(({ name }) => name === args.name);
      if (before?.users.includes(state.user)) throw new ToolFailure(`You have already reacted with ${args.name}.`);
      const others = message.reactions.filter((reaction) => reaction !== before);
      const reaction = { name: args.name, users: [...(before?.users ?? []), state.user] };
      replaceMessage(state, args.channel, args.ts, { ...message, reactions: [...others, reaction] });
      return { ok: true };
    },
  }),
  tool({
    name: "pin_message",
    description: "Pin a message to its channel.",
    input: z.object({ channel, ts }),
    output: ok,
    run(state, args) {
      const found = channelOf(state, args.channel);
      const { ts: timestamp } = messageOf(state, args.channel, args.ts);
      if (found.pinned.includes(timestamp)) throw new ToolFailure("The message is already pinned.");
      state.channels = withRecord(state.channels, found.id, { ...found, pinned: [...found.pinned, timestamp] });
      return { ok: true };
    },
  }),
  tool({
    name: "set_channel_topic",
    description: "Set a channel's topic.",
    input: z.object({ channel, topic: z.string().max(250).describe("New topic; an empty text removes it") }),
    output: ok,
    run(state, args) {
      const found = channelOf(state, args.channel);
      state.channels = withRecord(state.channels, found.id, { ...found, topic: args.topic });
      return { ok: true };
    },
  }),
  tool({
    name: "schedule_message",
    description: "Schedule a message to be posted later.",
    input: z.object({ channel, text, postAt: z.iso.datetime().describe("When to post it, in UTC") }),
    output: z.object({ ok: z.boolean(), scheduledMessageId: z.string() }),
    run(state, args) {
      const id = `Q${String(state.scheduled.length + 1).padStart(10, "0")}`;
      const scheduled = { id, channel: channelOf(state, args.channel).id, text: args.text, postAt: args.postAt };
      state.scheduled = [...state.scheduled, scheduled];
      return { ok: true, scheduledMessageId: id };
    },
  }),
];
