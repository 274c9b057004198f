import { get_channel_history } from "./servers/slack/get_channel_history.ts";

const channel = "C0000000001";
const awaited = "deployment complete";
const intervalSeconds = 5;

let oldest: string | undefined;
for (;;) {
  const { messages } = await get_channel_history({ channel, limit: 10, ...(oldest === undefined ? {} : { oldest }) });
  const found = messages.find((message) => message.text.includes(awaited));
  if (found) {
    console.log(JSON.stringify({ ts: found.ts, user: found.user }));
    break;
  }
  oldest = messages[0]?.ts ?? oldest;
  await new Promise((resolve) => setTimeout(resolve, intervalSeconds * 1000));
}
