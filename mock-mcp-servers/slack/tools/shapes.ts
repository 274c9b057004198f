/** Schemas that several Slack tools share, and the form in which they give messages. */
import { z } from "zod";
import type { ChannelMessage } from "../../../fixtures/channel.ts";

export const channel = z.string().describe("Channel ID, e.g. C0123456789");
export const ts = z.string().describe("Timestamp that identifies the message in its channel");
export const text = z.string().min(1).max(40_000).describe("Message text in Slack's mrkdwn");
export const limit = (most: number, otherwise: number) =>
  z.int().min(1).max(most).default(otherwise).describe("Entries to return at most");

export const message = z.object({
  ts: z.string().describe("Timestamp, unique in the channel"),
  user: z.string().describe("ID of the author"),
  text: z.string(),
  threadTs: z.string().optional().describe("Timestamp of the thread's first message"),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })),
});

export const posted = z.object({ ok: z.boolean(), ts: z.string().describe("Timestamp of the message") });
export const ok = z.object({ ok: z.boolean() });

export function messageView({ ts, user, text, threadTs, reactions }: ChannelMessage): z.input<typeof message> {
  const shown = reactions.map(({ name, users }) => ({ name, users: [...users] }));
  return { ts, user, text, ...(threadTs !== undefined && { threadTs }), reactions: shown };
}
