/** Tools that read channels, messages and users. get_channel_history also counts polls. */
import { z } from "zod";
import { compareText, page, required } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { channelOf, countPoll, messageOf, type SlackState } from "../state.ts";
import { channel, cursor, message, nextCursor, shown, ts } from "./shapes.ts";

const tool = toolsOver<SlackState>();

const channelInfo = z.object({
  id: z.string().describe("Channel ID"),
  name: z.string().describe("Channel name without the leading #"),
  topic: z.string(),
  purpose: z.string(),
  isPrivate: z.boolean(),
  isArchived: z.boolean(),
  memberCount: z.int(),
});

const userInfo = z.object({
  id: z.string().describe("User ID"),
  name: z.string().describe("Handle"),
  realName: z.string(),
  isBot: z.boolean(),
});

/** A time span's end as a number, `open` if it is not given. Throws ToolFailure for text that is not a timestamp. */
function secondsOf(field: string, timestamp: string | undefined, open: number): number {
  if (timestamp === undefined) return open;
  if (!/^\d+(\.\d+)?$/.test(timestamp)) throw new ToolFailure(`${field}: "${timestamp}" is not a timestamp. Use a message's ts.`);
  return Number(timestamp);
}

export const readingTools = [
  tool({
    name: "list_channels",
    description: "List the channels of the workspace, sorted by name. Archived channels are left out.",
    input: z.object({
      nameContains: z.string().optional().describe("Only channels whose name contains this text"),
      limit: z.int().min(1).max(200).default(100).describe("Channels per page"),
      cursor,
    }),
    output: z.object({ channels: z.array(channelInfo), nextCursor }),
    run(state, args) {
      const found = Object.values(state.channels)
        .filter((one) => !one.isArchived && one.name.includes(args.nameContains ?? ""))
        .sort((a, b) => compareText(a.name, b.name));
      const { items, nextPageToken } = page(found, args.limit, args.cursor);
      return {
        channels: items.map(({ members, ...rest }) => ({ ...rest, memberCount: members.length })),
        nextCursor: nextPageToken,
      };
    },
  }),
  tool({
    name: "get_channel_info",
    description: "Get a channel's name, topic, purpose and members.",
    input: z.object({ channel }),
    output: channelInfo.extend({ members: z.array(z.string()).describe("IDs of the members") }),
    run(state, args) {
      const { members, ...rest } = channelOf(state, args.channel);
      return { ...rest, memberCount: members.length, members: [...members] };
    },
  }),
  tool({
    name: "get_channel_history",
    description:
      "Get a channel's messages, newest first. Replies in threads are not included: fetch them with get_thread_replies. Narrow the time span with oldest and latest.",
    input: z.object({
      channel,
      oldest: z.string().optional().describe("Only messages after this timestamp"),
      latest: z.string().optional().describe("Only messages before this timestamp"),
      limit: z.int().min(1).max(200).default(100).describe("Messages per page"),
      cursor,
    }),
    output: z.object({ messages: z.array(message), nextCursor }),
    run(state, args) {
      const { id } = channelOf(state, args.channel);
      const oldest = secondsOf("oldest", args.oldest, -Infinity);
      const latest = secondsOf("latest", args.latest, Infinity);
      countPoll(state, id);
      const all = state.messages[id] ?? [];
      const found = all.filter(
        (one) => (one.threadTs === undefined || one.threadTs === one.ts) && Number(one.ts) > oldest && Number(one.ts) < latest,
      );
      const { items, nextPageToken } = page(found.reverse(), args.limit, args.cursor);
      return { messages: items.map((one) => shown(one, all)), nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "get_thread_replies",
    description: "Get a thread: its first message and all replies, oldest first.",
    input: z.object({ channel, ts: ts.describe("Timestamp of the thread's first message") }),
    output: z.object({ messages: z.array(message) }),
    run(state, args) {
      const first = messageOf(state, args.channel, args.ts);
      const all = state.messages[args.channel] ?? [];
      return { messages: all.filter((one) => one === first || one.threadTs === first.ts).map((one) => shown(one, all)) };
    },
  }),
  tool({
    name: "search_messages",
    description: "Search messages, replies included, in one channel or in all. All words must occur. Newest first.",
    input: z.object({
      query: z.string().min(1).describe("Words to look for, case-insensitive"),
      channel: z.string().optional().describe("Only this channel, by ID"),
      fromUser: z.string().optional().describe("Only messages of this user, by ID"),
      limit: z.int().min(1).max(100).default(20).describe("Matches per page"),
      cursor,
    }),
    output: z.object({
      total: z.int().describe("Matching messages"),
      matches: z.array(message.extend({ channel: z.string().describe("Channel ID") })),
      nextCursor,
    }),
    run(state, args) {
      if (args.fromUser !== undefined) required(state.users, args.fromUser, "User", "list_users");
      const words = args.query.toLowerCase().split(/\s+/).filter(Boolean);
      const channels = args.channel === undefined ? Object.keys(state.channels) : [channelOf(state, args.channel).id];
      const found = channels
        .flatMap((id) => (state.messages[id] ?? []).map((one) => ({ id, one })))
        .filter(({ one }) => args.fromUser === undefined || one.user === args.fromUser)
        .filter(({ one }) => words.every((word) => one.text.toLowerCase().includes(word)))
        .sort((a, b) => compareText(b.one.ts, a.one.ts) || compareText(a.id, b.id));
      const { items, nextPageToken } = page(found, args.limit, args.cursor);
      const matches = items.map(({ id, one }) => ({ ...shown(one, state.messages[id] ?? []), channel: id }));
      return { total: found.length, matches, nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "list_users",
    description: "List the members of the workspace, bots included, sorted by handle.",
    input: z.object({
      includeBots: z.boolean().default(true).describe("Also list bots"),
      limit: z.int().min(1).max(200).default(100).describe("Users per page"),
      cursor,
    }),
    output: z.object({ users: z.array(userInfo), nextCursor }),
    run(state, args) {
      const found = Object.values(state.users)
        .filter((one) => args.includeBots || !one.isBot)
        .sort((a, b) => compareText(a.name, b.name));
      const { items, nextPageToken } = page(found, args.limit, args.cursor);
      return { users: items.map(({ id, name, realName, isBot }) => ({ id, name, realName, isBot })), nextCursor: nextPageToken };
    },
  }),
  tool({
    name: "get_user_profile",
    description: "Get a user's name, title, email address and time zone.",
    input: z.object({ user: z.string().describe("User ID, e.g. U0ABCDEF123") }),
    output: userInfo.extend({ title: z.string(), email: z.string(), timezone: z.string().describe("IANA time zone") }),
    run: (state, args) => required(state.users, args.user, "User", "list_users"),
  }),
  tool({
    name: "list_pins",
    description: "List the messages that are pinned in a channel.",
    input: z.object({ channel }),
    output: z.object({ messages: z.array(message) }),
    run(state, args) {
      const pinned = state.pins[channelOf(state, args.channel).id] ?? [];
      const all = state.messages[args.channel] ?? [];
      return { messages: all.filter((one) => pinned.includes(one.ts)).map((one) => shown(one, all)) };
    },
  }),
];
