/** The mock workspace's data, and the rules by which it is read and written. */
import { type ChannelMessage, type ChannelUser, channelHistory } from "../../fixtures/channel.ts";
import { memoised } from "../../fixtures/memo.ts";
import { random } from "../../fixtures/random.ts";
import { type Collection, required, withRecord } from "../lib/collection.ts";
import { ToolFailure } from "../lib/mock-server.ts";

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  readonly memberIds: readonly string[];
  readonly pinned: readonly string[];
}

export interface ScheduledMessage {
  readonly id: string;
  readonly channel: string;
  readonly text: string;
  readonly postAt: string;
}

/** Each field is replaced when it changes and never altered, so that states may share data. */
export interface SlackState {
  /** User id of whoever the tools act for. */
  readonly user: string;
  readonly users: Collection<ChannelUser>;
  channels: Collection<Channel>;
  /** Messages of each channel, oldest first, replies included. */
  messages: Collection<readonly ChannelMessage[]>;
  scheduled: readonly ScheduledMessage[];
  /** The message that a scenario waits for, and in which reading of its channel it appears. */
  readonly awaited: { readonly channel: string; readonly message: ChannelMessage; readonly atPoll: number } | null;
  /** Readings of the awaited message's channel so far. */
  polls: number;
  /** Messages posted so far; their `ts` follow from it. */
  posted: number;
}

export interface SlackStart {
  readonly seed: number;
  /** The awaited message appears from this reading of the channel on. */
  readonly atPoll: number;
}

/** A fresh workspace: a release channel among five others. Its data is shared and must not be altered. */
export function slackState({ seed, atPoll }: SlackStart): { readonly state: SlackState; readonly channelId: string } {
  const { users, channels, messages, channelId, user } = workspace(seed);
  const awaited = { channel: channelId, message: channelHistory(seed).awaited, atPoll };
  return { state: { user, users, channels, messages, scheduled: [], awaited, polls: 0, posted: 0 }, channelId };
}

const otherChannels = ["general", "random", "platform-alerts", "sales-emea", "design-review"];

const workspace = memoised((seed: number) => {
  const draw = random(seed, "slack workspace");
  const { users, messages } = channelHistory(seed);
  const ids = users.map((user) => user.id);
  const channel = (name: string): Channel => ({
    id: `C0${draw.text(9, "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")}`,
    name,
    topic: name === "releases" ? "What ships, and when" : "",
    purpose: `Everything about ${name.replaceAll("-", " ")}`,
    memberIds: draw.shuffle(ids).slice(0, draw.integer(4, ids.length)),
    pinned: [],
  });
  const release = channel("releases");
  const all = [release, ...otherChannels.map(channel)];
  return {
    user: ids[0] ?? "",
    users: Object.freeze(Object.fromEntries(users.map((user) => [user.id, user]))),
    channels: Object.freeze(Object.fromEntries(all.map((one) => [one.id, one]))),
    messages: Object.freeze(Object.fromEntries(all.map((one) => [one.id, one === release ? messages : []]))),
    channelId: release.id,
  };
});

/** Throws ToolFailure that names the tool which lists channels. */
export function channelOf(state: SlackState, id: string): Channel {
  return required(state.channels, id, "Channel", "list_channels");
}

/** What can be seen of a channel now: its messages, and the awaited one once its reading has come. */
export function visible(state: SlackState, channel: string): readonly ChannelMessage[] {
  const { awaited } = state;
  const messages = state.messages[channel] ?? [];
  if (awaited === null || awaited.channel !== channel || state.polls < awaited.atPoll) return messages;
  return [...messages, awaited.message].sort((a, b) => Number(a.ts) - Number(b.ts));
}

/** Throws ToolFailure for a `ts` that the channel does not have. */
export function messageOf(state: SlackState, channel: string, ts: string): ChannelMessage {
  channelOf(state, channel);
  const found = visible(state, channel).find((message) => message.ts === ts);
  if (found === undefined) throw new ToolFailure(`Message not found: ${ts}. Use get_channel_history to find its ts.`);
  return found;
}

/** Replaces one message of a channel; `undefined` removes it. */
export function replaceMessage(state: SlackState, channel: string, ts: string, message: ChannelMessage | undefined): void {
  const before = messageOf(state, channel, ts);
  const messages = (state.messages[channel] ?? []).flatMap((one) => (one.ts !== before.ts ? [one] : message ? [message] : []));
  state.messages = withRecord(state.messages, channel, messages);
}

/** Adds a message of the acting user; `threadTs` makes it a reply. */
export function post(state: SlackState, channel: string, text: string, threadTs?: string): ChannelMessage {
  channelOf(state, channel);
  state.posted += 1;
  const message: ChannelMessage = {
    // A day after the channel's last message, so that no seeded `ts` is met.
    ts: `${1_763_733_600 + state.posted}.000100`,
    user: state.user,
    text,
    ...(threadTs !== undefined && { threadTs }),
    reactions: [],
  };
  state.messages = withRecord(state.messages, channel, [...(state.messages[channel] ?? []), message]);
  return message;
}
