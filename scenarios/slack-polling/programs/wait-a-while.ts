import { get_channel_history } from "./servers/slack/get_channel_history.ts";

const channel = "C0000000001";
const awaited = "deployment complete";
const intervalSeconds = 5;
const limitSeconds = 30;
const seen = null;

let oldest: string | undefined = seen ?? undefined;
let found: { ts: string; user: string } | undefined;
for (let look = 0; (look + 1) * intervalSeconds < limitSeconds && found === undefined; look++) {
  if (look > 0 || seen !== null) await new Promise((resolve) => setTimeout(resolve, intervalSeconds * 1000));
  const { messages } = await get_channel_history({ channel, limit: 10, ...(oldest === undefined ? {} : { oldest }) });
  found = messages.find((message) => message.text.includes(awaited));
  oldest = messages[0]?.ts ?? oldest;
}
console.log(JSON.stringify(found === undefined ? { seen: oldest ?? null } : { ts: found.ts, user: found.user }));
