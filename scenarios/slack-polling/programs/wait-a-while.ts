import { get_channel_history } from "./servers/slack/get_channel_history.ts";

const channel = "C0000000001";
const awaited = "deployment complete";
const intervalSeconds = 5;
const limitSeconds = 30;
const seen = null;
const pauseSeconds = 0;

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
let oldest: string | undefined = seen ?? undefined;
let found: { ts: string; user: string } | undefined;
let pause = pauseSeconds;
let left = limitSeconds - limitSeconds / 10;
while (found === undefined && pause <= left) {
  await wait(pause);
  left -= pause;
  const { messages } = await get_channel_history({ channel, limit: 10, ...(oldest === undefined ? {} : { oldest }) });
  found = messages.find((message) => message.text.includes(awaited));
  oldest = messages[0]?.ts ?? oldest;
  pause = intervalSeconds;
}
if (found === undefined) await wait(left);
const next = { seen: oldest ?? null, pauseSeconds: pause - left };
console.log(JSON.stringify(found === undefined ? next : { ts: found.ts, user: found.user }));
