import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../contract/index.ts";
import { awaitedPhrase, type ChannelMessage, channelHistory } from "../../fixtures/channel.ts";
import { deepFreeze, type ToolClient, toolClient } from "../../testing/tool-client.ts";
import { slack } from "./server.ts";
import { releaseChannel, type SlackState, slackState } from "./state.ts";

const seed = 5;
const start = deepFreeze(slackState({ seed }));
const releases = releaseChannel(seed);
const channel = releases.id;
const { users, messages, awaited } = channelHistory(seed);
const pick = (keep: (one: ChannelMessage) => boolean): ChannelMessage => {
  const found = messages.find(keep);
  if (found === undefined) throw new TypeError("The fixture has no such message.");
  return found;
};
const plain = pick((one) => one.threadTs === undefined && one.user !== start.user && one.reactions.length === 0);
const parent = pick((one) => one.threadTs === one.ts);
const replies = messages.filter((one) => one.threadTs === parent.ts && one !== parent);
const reply = pick((one) => one.threadTs !== undefined && one.threadTs !== one.ts);
const own = pick((one) => one.user === start.user && one.threadTs === undefined);

const open = (from: SlackState = start) => toolClient(slack(from));
const state = async (client: ToolClient) => (await client.snapshot()) as unknown as SlackState;

/** A message as the tools show it. */
const shown = ({ ts, user, text, threadTs, reactions }: ChannelMessage) => ({
  ts,
  user,
  text,
  threadTs: threadTs ?? null,
  replyCount: threadTs === ts ? messages.filter((one) => one.threadTs === ts && one.ts !== ts).length : 0,
  reactions: reactions.map((one) => ({ name: one.name, count: one.users.length })),
});
const tops = messages.filter((one) => one.threadTs === undefined || one.threadTs === one.ts).toReversed();

/** The start state with the release channel's messages replaced. */
function withMessages(change: (one: ChannelMessage) => ChannelMessage[]): SlackState {
  return { ...start, messages: { ...start.messages, [channel]: messages.flatMap(change) } };
}

/** The start state after one posted message. */
const withPosted = (message: ChannelMessage): SlackState => ({
  ...start,
  messages: { ...start.messages, [channel]: [...messages, message] },
  idsIssued: 1,
});

/** One good use of every tool: what it answers, and for a writing tool the exact state after it. */
const uses: { readonly [tool: string]: (client: ToolClient) => Promise<void> } = {
  async list_channels({ call }) {
    const sorted = Object.values(start.channels).sort((a, b) => (a.name < b.name ? -1 : 1));
    const all = sorted.map(({ members, ...rest }) => ({ ...rest, memberCount: members.length }));
    expect(await call("list_channels", {})).toEqual({ channels: all, nextCursor: null });
    expect(await call("list_channels", { limit: 4, cursor: "4" })).toEqual({ channels: all.slice(4), nextCursor: null });
    expect(await call("list_channels", { nameContains: "releas" })).toMatchObject({ channels: [{ id: channel }] });
  },
  async get_channel_info({ call }) {
    expect(await call("get_channel_info", { channel })).toEqual({ ...releases, memberCount: releases.members.length });
  },
  async get_channel_history(client) {
    expect(await client.call("get_channel_history", { channel })).toEqual({ messages: tops.map(shown), nextCursor: null });
    expect(await state(client)).toStrictEqual({ ...start, polls: { [channel]: 1 } });
  },
  async get_thread_replies(client) {
    expect(replies.length).toBeGreaterThan(0);
    const thread = [parent, ...replies].map(shown);
    expect(await client.call("get_thread_replies", { channel, ts: parent.ts })).toEqual({ messages: thread });
    expect(await state(client)).toStrictEqual(start);
  },
  async search_messages({ call }) {
    const { total, matches } = await call("search_messages", { query: "THE release", limit: 100 });
    const all = Object.entries(start.messages).flatMap(([id, some]) => some.map((one) => ({ channel: id, ...one })));
    const found = all.filter(({ text }) => /the/i.test(text) && /release/i.test(text));
    expect(found.length).toBeGreaterThan(0);
    expect(total).toBe(found.length);
    expect(new Set((matches as JsonObject[]).map((one) => `${one.channel} ${one.ts}`))).toEqual(
      new Set(found.map((one) => `${one.channel} ${one.ts}`)),
    );
    const mine = { query: "e", channel, fromUser: start.user, limit: 1 };
    expect(await call("search_messages", mine)).toMatchObject({ matches: [{ channel, user: start.user }], nextCursor: "1" });
  },
  async list_users({ call }) {
    const view = ({ id, name, realName, isBot }: (typeof users)[number]) => ({ id, name, realName, isBot });
    const sorted = [...users].sort((a, b) => (a.name < b.name ? -1 : 1)).map(view);
    expect(await call("list_users", {})).toEqual({ users: sorted, nextCursor: null });
    expect((await call("list_users", { includeBots: false })).users).toEqual(sorted.filter((one) => !one.isBot));
  },
  async get_user_profile({ call }) {
    expect(await call("get_user_profile", { user: awaited.user })).toEqual(users.find((one) => one.id === awaited.user));
  },
  async list_pins({ call }) {
    expect(await call("list_pins", { channel })).toEqual({ messages: [] });
    await call("pin_message", { channel, ts: reply.ts });
    expect(await call("list_pins", { channel })).toEqual({ messages: [shown(reply)] });
  },
  async post_message(client) {
    const posted = await client.call("post_message", { channel, text: "Hi <b>" });
    expect(posted.channel).toBe(channel);
    const message = { ts: String(posted.ts), user: start.user, text: "Hi <b>", reactions: [] };
    expect(await state(client)).toStrictEqual(withPosted(message));
    expect(message.ts > awaited.ts).toBe(true);
  },
  async reply_to_thread(client) {
    const { ts } = await client.call("reply_to_thread", { channel, threadTs: plain.ts, text: "Yes" });
    const added = { ts: String(ts), user: start.user, text: "Yes", threadTs: plain.ts, reactions: [] };
    const begun = withMessages((one) => [one === plain ? { ...one, threadTs: plain.ts } : one]);
    const all = { ...begun.messages, [channel]: [...(begun.messages[channel] ?? []), added] };
    expect(await state(client)).toStrictEqual({ ...start, messages: all, idsIssued: 1 });
    const [first, second] = (await client.call("get_thread_replies", { channel, ts: plain.ts })).messages as JsonObject[];
    expect([first, second]).toMatchObject([{ ts: plain.ts, replyCount: 1 }, { text: "Yes" }]);
  },
  async update_message(client) {
    expect(await client.call("update_message", { channel, ts: own.ts, text: "New" })).toEqual({ channel, ts: own.ts });
    expect(await state(client)).toStrictEqual(withMessages((one) => [one === own ? { ...one, text: "New" } : one]));
  },
  async delete_message(client) {
    expect(await client.call("delete_message", { channel, ts: own.ts })).toEqual({ channel, ts: own.ts });
    expect(await state(client)).toStrictEqual(withMessages((one) => (one === own ? [] : [one])));
  },
  async add_reaction(client) {
    const result = await client.call("add_reaction", { channel, ts: plain.ts, name: "eyes" });
    expect(result).toEqual({ channel, ts: plain.ts, name: "eyes", count: 1 });
    const reactions = [{ name: "eyes", users: [start.user] }];
    expect(await state(client)).toStrictEqual(withMessages((one) => [one === plain ? { ...one, reactions } : one]));
    expect(await client.refusal("add_reaction", { channel, ts: plain.ts, name: "eyes" })).toContain(
      "already reacted with :eyes:",
    );
  },
  async set_channel_topic(client) {
    expect(await client.call("set_channel_topic", { channel, topic: "Frozen" })).toEqual({ channel, topic: "Frozen" });
    const channels = { ...start.channels, [channel]: { ...releases, topic: "Frozen" } };
    expect(await state(client)).toStrictEqual({ ...start, channels });
  },
  async pin_message(client) {
    expect(await client.call("pin_message", { channel, ts: plain.ts })).toEqual({ channel, pinned: [plain.ts] });
    expect(await state(client)).toStrictEqual({ ...start, pins: { [channel]: [plain.ts] } });
    expect(await client.refusal("pin_message", { channel, ts: plain.ts })).toBe("The message is already pinned.");
  },
  async schedule_message(client) {
    const message = { channel, text: "Later", postAt: 1_900_000_000 };
    const { id } = await client.call("schedule_message", message);
    expect(await state(client)).toStrictEqual({ ...start, scheduled: [{ id, ...message }], idsIssued: 1 });
  },
  async list_scheduled_messages({ call }) {
    const other = Object.keys(start.channels).find((id) => id !== channel) ?? "";
    const late = { channel, text: "Late", postAt: 1_900_000_000 };
    const early = { channel: other, text: "Early", postAt: 1_800_000_000 };
    const ids = [(await call("schedule_message", late)).id, (await call("schedule_message", early)).id];
    const [first, second] = [
      { id: ids[1], ...early },
      { id: ids[0], ...late },
    ];
    expect(await call("list_scheduled_messages", {})).toEqual({ scheduled: [first, second] });
    expect(await call("list_scheduled_messages", { channel })).toEqual({ scheduled: [second] });
  },
};

describe("every tool", () => {
  test("that is listed is used below, and no other", async () => {
    expect(Object.keys(uses).sort()).toEqual((await open()).tools.map(({ name }) => name).sort());
  });

  test.each(Object.entries(uses))("%s answers and changes exactly what it should", async (name, use) => {
    const client = await open();
    await use(client);
    expect(client.called).toContain(name);
  });
});

describe("what cannot be done is refused, and changes nothing", () => {
  const noChannel = "Channel not found: constructor. Use list_channels to find a valid id.";
  test.each<[tool: string, input: JsonObject, text: string | RegExp]>([
    ["get_channel_info", { channel: "constructor" }, noChannel],
    ["get_channel_history", { channel: "constructor" }, noChannel],
    ["post_message", { channel: "constructor", text: "x" }, noChannel],
    ["schedule_message", { channel: "constructor", text: "x", postAt: 1_900_000_000 }, noChannel],
    ["list_scheduled_messages", { channel: "constructor" }, noChannel],
    ["search_messages", { query: "x", channel: "constructor" }, noChannel],
    ["search_messages", { query: "x", fromUser: "nobody" }, "User not found: nobody. Use list_users"],
    ["search_messages", { query: "" }, /: query: Too small/],
    ["get_user_profile", { user: "__proto__" }, "User not found: __proto__. Use list_users to find a valid id."],
    ["get_channel_history", {}, /^Invalid arguments for tool get_channel_history: channel: /],
    ["get_channel_history", { channel, limit: 0 }, /: limit: Too small/],
    ["get_channel_history", { channel, oldest: "yesterday" }, `oldest: "yesterday" is not a timestamp. Use a message's ts.`],
    ["get_channel_history", { channel, latest: "2025-11-20" }, `latest: "2025-11-20" is not a timestamp.`],
    ["list_users", { cursor: "x" }, 'Unknown page token "x"'],
    [
      "get_thread_replies",
      { channel, ts: "1.2" },
      `No message 1.2 in channel ${channel}. Use get_channel_history to find its ts.`,
    ],
    ["reply_to_thread", { channel, threadTs: "1.2", text: "x" }, "No message 1.2"],
    ["post_message", { channel, text: "" }, /: text: Too small/],
    ["post_message", { channel, text: "x".repeat(40_001) }, /: text: Too big/],
    ["update_message", { channel, ts: plain.ts, text: "x" }, "Only the author can change a message"],
    ["delete_message", { channel, ts: plain.ts }, "Only the author can change a message"],
    ["add_reaction", { channel, ts: plain.ts, name: ":eyes:" }, /: name: Invalid string/],
    ["pin_message", { channel, ts: "1.2" }, "No message 1.2"],
    ["set_channel_topic", { channel, topic: "x".repeat(251) }, /: topic: Too big/],
    ["schedule_message", { channel, text: "x", postAt: 1_763_650_800 }, "postAt must be in the future; now is 1763650800."],
    ["schedule_message", { channel, text: "x", postAt: "soon" }, /: postAt: Invalid input/],
  ])("%s %j", async (tool, input, text) => {
    const refused = await (await open()).refusal(tool, input);
    if (typeof text === "string") expect(refused).toContain(text);
    else expect(refused).toMatch(text);
  });

  test("a message with replies cannot be deleted until they are", async () => {
    const client = await open();
    const { ts } = await client.call("reply_to_thread", { channel, threadTs: own.ts, text: "Yes" });
    expect(await client.refusal("delete_message", { channel, ts: own.ts })).toContain("Delete those first");
    await client.call("delete_message", { channel, ts: ts ?? "" });
    await client.call("delete_message", { channel, ts: own.ts });
    expect(await state(client)).toStrictEqual({ ...withMessages((one) => (one === own ? [] : [one])), idsIssued: 1 });
  });
});

describe("get_channel_history", () => {
  const texts = async (client: ToolClient, input: JsonObject) =>
    (await client.call("get_channel_history", { channel, ...input })).messages as JsonObject[];

  test("gives every message once by pages, newest first, without replies in threads", async () => {
    const client = await open();
    const found: unknown[] = [];
    for (let cursor: JsonObject | undefined = {}; cursor !== undefined; ) {
      const page: JsonObject = await client.call("get_channel_history", { channel, limit: 7, ...cursor });
      found.push(...(page.messages as unknown[]));
      expect(found.length).toBeLessThanOrEqual(tops.length);
      cursor = page.nextCursor === null ? undefined : { cursor: String(page.nextCursor) };
    }
    expect(found).toEqual(tops.map(shown));
  });

  test("oldest and latest leave their own message out, and compare as numbers", async () => {
    const client = await open();
    const [newest, second, third, fourth] = tops.map(({ ts }) => ts);
    const between = await texts(client, { oldest: fourth ?? "", latest: newest ?? "" });
    expect(between.map(({ ts }) => ts)).toEqual([second, third]);
    expect(await texts(client, { oldest: "9" })).toHaveLength(tops.length);
    expect(await texts(client, { oldest: String(Number.parseInt(awaited.ts, 10) + 1) })).toEqual([]);
    expect(await texts(client, { latest: "9" })).toEqual([]);
  });
});

describe("the awaited message", () => {
  const waiting = (atPoll: number) => open(deepFreeze(slackState({ seed, await: { channel, message: awaited, atPoll } })));
  const seen = async ({ call }: ToolClient, input: JsonObject = {}) => {
    const { messages: found } = await call("get_channel_history", { channel, ...input });
    return (found as JsonObject[]).some(({ ts }) => ts === awaited.ts);
  };
  const searched = async ({ call }: ToolClient) => (await call("search_messages", { query: awaitedPhrase })).total;

  test.each([1, 2, 5])(
    "appears from exactly reading %i of its channel on, in history, thread and search alike",
    async (atPoll) => {
      const client = await waiting(atPoll);
      for (let poll = 1; poll <= atPoll + 2; poll++) {
        const before = poll <= atPoll;
        expect(await searched(client)).toBe(before ? 0 : 1);
        if (before) expect(await client.refusal("get_thread_replies", { channel, ts: awaited.ts })).toContain("No message");
        else expect(await client.call("get_thread_replies", { channel, ts: awaited.ts })).toEqual({ messages: [shown(awaited)] });
        expect(await seen(client)).toBe(poll >= atPoll);
      }
      const after = await state(client);
      expect(after.polls).toEqual({ [channel]: atPoll + 2 });
      expect(after.messages).toStrictEqual({ ...start.messages, [channel]: [...messages, awaited] });
    },
  );

  test("is the newest, and found with oldest set to the last one known", async () => {
    const client = await waiting(2);
    const oldest = tops[0]?.ts ?? "";
    expect(await seen(client, { oldest })).toBe(false);
    const { messages: found } = await client.call("get_channel_history", { channel, oldest });
    expect(found).toEqual([shown(awaited)]);
  });

  test("is not brought nearer by other channels, other tools or refused readings", async () => {
    const client = await waiting(2);
    expect(await seen(client)).toBe(false);
    for (const id of Object.keys(start.channels)) {
      if (id !== channel) await client.call("get_channel_history", { channel: id });
    }
    await client.refusal("get_channel_history", { channel, limit: 0 });
    await client.refusal("get_channel_history", { channel, oldest: "now" });
    await client.call("get_channel_info", { channel });
    expect(await searched(client)).toBe(0);
    expect(await seen(client)).toBe(true);
  });

  test("can be answered, pinned and reacted to once it is there", async () => {
    const client = await waiting(1);
    const at = { channel, ts: awaited.ts };
    expect(await client.refusal("add_reaction", { ...at, name: "tada" })).toContain("No message");
    await seen(client);
    await client.call("add_reaction", { ...at, name: "tada" });
    await client.call("pin_message", at);
    await client.call("reply_to_thread", { channel, threadTs: awaited.ts, text: "Thanks" });
    const { messages: pinned } = await client.call("list_pins", { channel });
    expect(pinned).toMatchObject([{ ts: awaited.ts, replyCount: 1, reactions: [{ name: "tada", count: 1 }] }]);
    expect(await seen(client)).toBe(true);
    expect(await searched(client)).toBe(1);
  });
});

describe("isolation", () => {
  test("two servers over one start state never see each other's writes, and the start stays as it is", async () => {
    const before = JSON.stringify(start);
    const [one, two] = await Promise.all([open(), open()]);
    const message = { channel, text: "Mine" };
    expect(await one.call("post_message", message)).toEqual(await two.call("post_message", message));
    await one.call("update_message", { channel, ts: own.ts, text: "Changed by one" });
    await one.call("get_channel_history", { channel });
    await two.call("delete_message", { channel, ts: own.ts });
    expect(await one.call("get_thread_replies", { channel, ts: own.ts })).toMatchObject({
      messages: [{ text: "Changed by one" }],
    });
    expect((await state(two)).polls).toEqual({});
    expect(JSON.stringify(start)).toBe(before);
  });

  test("every channel has members and messages of this workspace's users, and no message holds the awaited phrase", () => {
    for (const { id, members } of Object.values(start.channels)) {
      const some = start.messages[id] ?? [];
      expect(some.length).toBeGreaterThanOrEqual(16);
      const people = [...members, ...some.flatMap((one) => [one.user, ...one.reactions.flatMap((reaction) => reaction.users)])];
      expect(people.filter((user) => !Object.hasOwn(start.users, user))).toEqual([]);
      expect(some.filter((one) => one.text.includes(awaitedPhrase))).toEqual([]);
    }
  });
});
