/** Schemas that several Slack tools share, and how a message is shown. */
import { z } from "zod";
import type { ChannelMessage } from "../../../fixtures/channel.ts";

export const channel = z.string().describe("Channel ID, e.g. C0ABCDEF123");
export const ts = z.string().describe("Timestamp of the message, its ID within the channel");
export const cursor = z.string().optional().describe("nextCursor of the previous page");
export const nextCursor = z.string().nullable().describe("Cursor of the next page, null on the last one");

export const message = z.object({
  ts: z.string().describe("Timestamp of the message, its ID within the channel"),
  user: z.string().describe("ID of the author"),
  text: z.string(),
  threadTs: z.string().nullable().describe("Timestamp of the thread's first message, null outside threads"),
  replyCount: z.int().describe("Replies in the thread, for its first message"),
  reactions: z.array(z.object({ name: z.string(), count: z.int() })),
});

/** `all` is the channel's messages, to count replies. */
export function shown(one: ChannelMessage, all: readonly ChannelMessage[]): z.input<typeof message> {
  return {
    ts: one.ts,
    user: one.user,
    text: one.text,
    threadTs: one.threadTs ?? null,
    replyCount: one.threadTs === one.ts ? all.filter((other) => other.threadTs === one.ts && other !== one).length : 0,
    reactions: one.reactions.map(({ name, users }) => ({ name, count: users.length })),
  };
}
