/** Tools that only read. */
import { z } from "zod";
import type { ChannelUser } from "../../../fixtures/channel.ts";
import { page, required } from "../../lib/collection.ts";
import { toolsOver } from "../../lib/mock-server.ts";
import { channelOf, messageOf, type SlackState, visible } from "../state.ts";
import { channel, limit, message, messageView, ts } from "./shapes.ts";

const tool = toolsOver<SlackState>();

const cursor = z.string().optional().describe("nextCursor of the previous page");
const nextCursor = z.string().nullable().describe("Pass as cursor for the next page; null after the last");
const user = z.object({
  id: z.string(),
  name: z.string().describe("Handle"),
  realName: z.string(),
  title: z.string(),
  isBot: z.boolean(),
});

function userView({ id, name, realName, title, isBot }: ChannelUser): z.input<typeof user> {
  return { id, name, realName, title, isBot };
}

export const readingTools = [
  tool({
    name: "list_channels",
    description: "List the public channels of the workspace with their topics and numbers of members.",
    input: z.object({ limit: limit(1000, 100), cursor }),
    output: z.object({
      channels: z.array(z.object({ id: z.string(), name: z.string(), topic: z.string(), memberCount: z.int() })),
      nextCursor,
    }),
    run(state, args) {
      const { items, nextPageToken } = page(Object.values(state.channels), args.limit, args.cursor);
      const channels = items.map(({ id, name, topic, memberIds }) => ({ id, name, topic, memberCount: memberIds.length }));
      return { channels, nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "get_channel_info",
    description: "Get a channel's name, topic, purpose and number of members.",
    input: z.object({ channel }),
    output: z.object({ id: z.string(), name: z.string(), topic: z.string(), purpose: z.string(), memberCount: z.int() }),
    run(state, args) {
      const { id, name, topic, purpose, memberIds } = channelOf(state, args.channel);
      return { id, name, topic, purpose, memberCount: memberIds.length };
    },
  }),
  tool({
    name: "list_channel_members",
    description: "List the user IDs of a channel's members.",
    input: z.object({ channel, limit: limit(1000, 100), cursor }),
    output: z.object({ members: z.array(z.string()), nextCursor }),
    run(state, args) {
      const { items, nextPageToken } = page(channelOf(state, args.channel).memberIds, args.limit, args.cursor);
      return { members: [...items], nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "get_channel_history",
    description:
      "Get the latest messages of a channel, newest first, without the replies in threads. Use oldest and latest to limit the time span.",
    input: z.object({
      channel,
      limit: limit(1000, 100),
      oldest: z.string().optional().describe("Only messages after this timestamp"),
      latest: z.string().optional().describe("Only messages before this timestamp"),
    }),
    output: z.object({
      messages: z.array(message).describe("Newest first"),
      hasMore: z.boolean().describe("Whether older messages of the span were left out"),
    }),
    run(state, args) {
      channelOf(state, args.channel);
      if (state.awaited?.channel === args.channel) state.polls += 1;
      const { oldest, latest } = args;
      const found = visible(state, args.channel)
        .filter(({ ts, threadTs }) => threadTs === undefined || threadTs === ts)
        .filter(({ ts }) => oldest === undefined || Number(ts) > Number(oldest))
        .filter(({ ts }) => latest === undefined || Number(ts) < Number(latest))
        .toReversed();
      return { messages: found.slice(0, args.limit).map(messageView), hasMore: found.length > args.limit };
    },
  }),
  tool({
    name: "get_thread_replies",
    description: "Get a thread: its first message and its replies, oldest first.",
    input: z.object({
      channel,
      threadTs: z.string().describe("Timestamp of the thread's first message"),
      limit: limit(1000, 100),
    }),
    output: z.object({ messages: z.array(message), hasMore: z.boolean() }),
    run(state, args) {
      const first = messageOf(state, args.channel, args.threadTs);
      const replies = visible(state, args.channel).filter((one) => one.threadTs === first.ts && one.ts !== first.ts);
      const thread = [first, ...replies];
      return { messages: thread.slice(0, args.limit).map(messageView), hasMore: thread.length > args.limit };
    },
  }),
  tool({
    name: "search_messages",
    description: "Search messages in all channels for words, newest first. Every word has to occur; case is ignored.",
    input: z.object({ query: z.string().min(1).describe("Words to search for"), limit: limit(100, 20) }),
    output: z.object({
      total: z.int().describe("Messages that match, returned or not"),
      matches: z.array(z.object({ channel: z.string(), ts: z.string(), user: z.string(), text: z.string() })),
    }),
    run(state, args) {
      const words = args.query.toLowerCase().split(/\s+/).filter(Boolean);
      const found = Object.keys(state.channels)
        .flatMap((id) => visible(state, id).map(({ ts, user, text }) => ({ channel: id, ts, user, text })))
        .filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
        .sort((a, b) => Number(b.ts) - Number(a.ts));
      return { total: found.length, matches: found.slice(0, args.limit) };
    },
  }),
  tool({
    name: "list_users",
    description: "List the users of the workspace, bots included.",
    input: z.object({ limit: limit(1000, 100), cursor }),
    output: z.object({ users: z.array(user), nextCursor }),
    run(state, args) {
      const { items, nextPageToken } = page(Object.values(state.users), args.limit, args.cursor);
      return { users: items.map(userView), nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "get_user_profile",
    description: "Get a user's profile with mail address and time zone.",
    input: z.object({ user: z.string().describe("User ID, e.g. U0123456789") }),
    output: user.extend({ email: z.string(), timezone: z.string() }),
    run(state, args) {
      const found = required(state.users, args.user, "User", "list_users");
      return { ...userView(found), email: found.email, timezone: found.timezone };
    },
  }),
  tool({
    name: "list_pins",
    description: "List the pinned messages of a channel.",
    input: z.object({ channel }),
    output: z.object({ messages: z.array(message) }),
    run(state, args) {
      const { pinned } = channelOf(state, args.channel);
      return {
        messages: visible(state, args.channel)
          .filter(({ ts }) => pinned.includes(ts))
          .map(messageView),
      };
    },
  }),
  tool({
    name: "get_permalink",
    description: "Get a link to a message.",
    input: z.object({ channel, ts }),
    output: z.object({ permalink: z.string() }),
    run(state, args) {
      const found = messageOf(state, args.channel, args.ts);
      return { permalink: `https://corp.slack.example/archives/${args.channel}/p${found.ts.replace(".", "")}` };
    },
  }),
];
