/** The mock workspace's data, and the message that appears only after some polls. */
import { type ChannelMessage, type ChannelUser, channelHistory } from "../../fixtures/channel.ts";
import { memoised } from "../../fixtures/memo.ts";
import { random } from "../../fixtures/random.ts";
import { type Collection, compareText, required, withRecord } from "../lib/collection.ts";
import { ToolFailure } from "../lib/mock-server.ts";

export interface Channel {
  /** Slack's form: `C` and ten characters. */
  readonly id: string;
  /** Without the leading #. */
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** User ids. */
  readonly members: readonly string[];
}

export interface ScheduledMessage {
  readonly id: string;
  readonly channel: string;
  readonly text: string;
  /** Seconds since 1970. */
  readonly postAt: number;
}

/** The message appears in `channel` from the `atPoll`-th (from 1) get_channel_history call on that channel on. */
export interface AwaitedMessage {
  readonly channel: string;
  readonly message: ChannelMessage;
  readonly atPoll: number;
}

/** A field that changes is replaced, never altered, so that states may share data. */
export interface SlackState {
  /** User id of whoever the tools act for. */
  readonly user: string;
  readonly users: Collection<ChannelUser>;
  channels: Collection<Channel>;
  /** By channel id, oldest first, thread replies included. */
  messages: Collection<readonly ChannelMessage[]>;
  /** By channel id: `ts` of pinned messages. */
  pins: Collection<readonly string[]>;
  scheduled: readonly ScheduledMessage[];
  /** By channel id: get_channel_history calls so far. */
  polls: Collection<number>;
  readonly awaited: AwaitedMessage | null;
  /** Ids and time stamps given out so far. */
  idsIssued: number;
}

export interface SlackStart {
  readonly seed: number;
  /** `undefined`: nothing is awaited. */
  readonly await?: AwaitedMessage;
}

/** A fresh state: six channels and twelve users. Its data is shared and must not be altered. */
export function slackState({ seed, await: awaited }: SlackStart): SlackState {
  const start = workspace(seed);
  return {
    user: start.user,
    users: start.users,
    channels: start.channels,
    messages: start.messages,
    pins: {},
    scheduled: [],
    polls: {},
    awaited: awaited ?? null,
    idsIssued: 0,
  };
}

/** The channel whose past is `channelHistory(seed)`, and where the awaited message belongs. */
export function releaseChannel(seed: number): Channel {
  return required(workspace(seed).channels, workspace(seed).releaseChannelId, "Channel", "list_channels");
}

const topics = [
  ["releases", "Releases and rollbacks", "What goes to production, and when"],
  ["general", "Company-wide announcements", "News for everyone"],
  ["support-escalations", "P1 and P2 only", "Tickets that need engineering"],
  ["platform", "Platform team", "Clusters, pipelines, cost"],
  ["random", "Anything goes", "Off-topic"],
  ["project-atlas", "Atlas migration, phase 2", "Moving the old catalogue"],
] as const;

const workspace = memoised((seed: number) => {
  const draw = random(seed, "slack");
  const main = channelHistory(seed);
  const ids = main.users.map((user) => user.id);
  const channels = topics.map(
    ([name, topic, purpose]): Channel =>
      Object.freeze({
        id: `C0${draw.text(9, "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")}`,
        name,
        topic,
        purpose,
        isPrivate: name.startsWith("project"),
        isArchived: false,
        members: Object.freeze(name === "releases" ? ids : draw.shuffle(ids).slice(0, draw.integer(4, ids.length))),
      }),
  );
  const messages = channels.map(({ id }, i): [string, readonly ChannelMessage[]] => {
    if (i === 0) return [id, main.messages];
    const other = channelHistory(seed * 100 + i);
    const sameUser = new Map(other.users.map((user, index) => [user.id, ids[index] ?? ""]));
    const renamed = (user: string) => sameUser.get(user) ?? user;
    const borrowed = other.messages.map((one) => ({
      ...one,
      user: renamed(one.user),
      reactions: one.reactions.map((reaction) => ({ ...reaction, users: reaction.users.map(renamed) })),
    }));
    return [id, Object.freeze(borrowed.slice(0, 16))];
  });
  return Object.freeze({
    user: ids[0] ?? "",
    releaseChannelId: channels[0]?.id ?? "",
    users: Object.freeze(Object.fromEntries(main.users.map((user) => [user.id, user]))),
    channels: Object.freeze(Object.fromEntries(channels.map((one) => [one.id, one]))),
    messages: Object.freeze(Object.fromEntries(messages)),
  });
});

/** Throws ToolFailure for an unknown id. */
export function channelOf(state: SlackState, id: string): Channel {
  return required(state.channels, id, "Channel", "list_channels");
}

/** Throws ToolFailure for an unknown channel or message. */
export function messageOf(state: SlackState, channel: string, ts: string): ChannelMessage {
  const found = (state.messages[channelOf(state, channel).id] ?? []).find((one) => one.ts === ts);
  if (found === undefined)
    throw new ToolFailure(`No message ${ts} in channel ${channel}. Use get_channel_history to find its ts.`);
  return found;
}

export function replaceMessage(
  state: SlackState,
  channel: string,
  before: ChannelMessage,
  after: ChannelMessage | undefined,
): void {
  const all = (state.messages[channel] ?? []).flatMap((one) => (one === before ? (after === undefined ? [] : [after]) : [one]));
  state.messages = withRecord(state.messages, channel, all);
}

/** Adds a message in the order of `ts`. */
export function addMessage(state: SlackState, channel: string, message: ChannelMessage): void {
  const all = [...(state.messages[channel] ?? []), message].sort((a, b) => compareText(a.ts, b.ts));
  state.messages = withRecord(state.messages, channel, all);
}

/** Counts one poll of a channel, and reveals the awaited message when its time has come. */
export function countPoll(state: SlackState, channel: string): void {
  const polls = (state.polls[channel] ?? 0) + 1;
  state.polls = withRecord(state.polls, channel, polls);
  const awaited = state.awaited;
  if (awaited !== null && awaited.channel === channel && awaited.atPoll === polls) addMessage(state, channel, awaited.message);
}

/** 2025-11-20T15:00:00Z, after every seeded message. */
export const nowSeconds = 1_763_650_800;

/** The time stamp of the next message of the acting user. */
export function issueTs(state: SlackState): string {
  state.idsIssued += 1;
  return `${nowSeconds + state.idsIssued}.000100`;
}
