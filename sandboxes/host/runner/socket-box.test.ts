/** The door of a box: who is let in as its next runner. The box here is a pair of sockets; nothing runs in it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { channelSocket } from "../../runner/process/supervisor.ts";
import { frameFromRunner } from "../../wire/frames.ts";
import { sessionFolder } from "../session/session-folder.ts";
import { socketBox, unknownEnd } from "./socket-box.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const ready = (token: string) => frameFromRunner({ type: "ready", previous: null, outOfMemoryKills: null, token });

async function openBox() {
  const lines: string[] = [];
  const ended = Promise.withResolvers<typeof unknownEnd>();
  let channel = "";
  const box = await socketBox({
    sandbox: "test",
    folder: await sessionFolder(tmpdir(), "socket-box"),
    async start(path) {
      channel = path;
      return {
        tell: (line) => void lines.push(line),
        ended: () => ended.promise,
        residentBytes: async () => null,
        remove: async () => ended.resolve(unknownEnd),
      };
    },
  });
  const enter = async (bytes: Uint8Array): Promise<Socket> => {
    const socket = connect(join(channel, channelSocket));
    sockets.push(socket.on("error", () => undefined));
    await once(socket, "connect");
    // The box may close it while it is written to.
    socket.write(bytes);
    return socket.resume();
  };
  /** Of the last line to the box. */
  const token = () => (lines.at(-1) ?? "").trim().split(" ")[1] ?? "";
  return { box, lines, enter, token };
}

/** Resolves when the box has closed it; how does not matter. */
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once("close", () => resolve())));

test("only a connection whose first message has the token is let in, and every runner needs a new one", async () => {
  const { box, lines, enter, token } = await openBox();
  expect(lines).toEqual([expect.stringMatching(/^then [\w-]{36}\n$/)]);
  const first = token();
  for (const bytes of [ready(""), ready("guessed"), frameFromRunner({ type: "started" }), Buffer.from("no frame at all")]) {
    await closed(await enter(bytes));
  }
  await enter(ready(first));
  const runner = await box.nextRunner();
  // While a runner is there, nobody else is let in, not even with its token.
  await closed(await enter(ready(first)));

  await runner.release();
  expect(lines).toEqual([expect.anything(), expect.stringMatching(/^now [\w-]{36}\n$/)]);
  expect(token()).not.toBe(first);
  await closed(await enter(ready(first)));
  await enter(ready(token()));
  await box.nextRunner();
  await box.destroy();
});

test("connections that say nothing, or too much, do not keep the runner out", async () => {
  const { box, enter, token } = await openBox();
  const silent = await Promise.all(Array.from({ length: 40 }, () => enter(Buffer.alloc(1))));
  // The start of a frame of 60 MB.
  await closed(await enter(Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.alloc(2 ** 20)])));
  await enter(ready(token()));
  await box.nextRunner();
  await Promise.all(silent.map(closed));
  await box.destroy();
});

test("a runner that has gone by itself is followed by the next, which waits for its end", async () => {
  const { box, lines, enter, token } = await openBox();
  const socket = await enter(ready(token()));
  const runner = await box.nextRunner();
  socket.destroy();
  const previous = { code: 3, errorText: "why" };
  await expect.poll(() => lines.length, { timeout: 60_000 }).toBe(2);
  expect(lines[1]).toMatch(/^then /);
  await enter(frameFromRunner({ type: "ready", previous, outOfMemoryKills: null, token: token() }));
  expect(await runner.ended).toMatchObject({ code: 3, errorText: "why" });
  await box.destroy();
});
