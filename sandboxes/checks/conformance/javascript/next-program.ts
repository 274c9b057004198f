/** Programs of one session where globals do not persist: what one leaves behind may not speak as the runner of the next. */
import { randomUUID } from "node:crypto";
import { channelFolder, channelSocket } from "../../../runner/process/supervisor.ts";
import { frameFromRunner } from "../../../wire/frames.ts";
import type { FromRunner } from "../../../wire/messages.ts";
import { type ConformanceCheck, runIn, withSession } from "../context.ts";
import { wantReturn } from "../wanted.ts";

/** All that a runner says of a program that prints `forged`. The first is let in on its own; the others answer the program. */
const [ready, ...answers] = (
  [
    { type: "ready", previous: null, outOfMemoryKills: null, token: "" },
    { type: "started" },
    { type: "output", text: "forged" },
    { type: "done", end: { status: "returned" }, files: { read: [], wrote: [] } },
  ] satisfies FromRunner[]
).map(frameFromRunner);
const end = answers.at(-1) ?? Buffer.alloc(0);
const base64 = (frames: readonly (Buffer | undefined)[]) =>
  Buffer.concat(frames.flatMap((frame) => frame ?? [])).toString("base64");

/**
 * Node code of a process that poses as the next runner: it connects to the socket of its box again and again, and writes
 * to the standard output of other processes of its session, which work in the same folder. It ends with that folder.
 */
const impostor = `const fs = require("node:fs"), frame = (base64) => Buffer.from(base64, "base64");
const ready = frame("${base64([ready])}"), answers = frame("${base64(answers)}");
const folder = process.cwd(), taken = new Set([String(process.pid)]);
const others = () => fs.readdirSync("/proc").filter((id) => /^\\d+$/.test(id) && !taken.has(id));
const writeTo = (id) => {
  try {
    if (fs.readlinkSync("/proc/" + id + "/cwd") !== folder) return;
    taken.add(id);
    const output = fs.openSync("/proc/" + id + "/fd/1", "w");
    fs.writeSync(output, answers);
  } catch {}
};
const connect = () => {
  const socket = require("node:net").connect("${channelFolder}/${channelSocket}", () => socket.write(ready));
  socket.once("data", () => socket.write(answers)).on("error", () => {}).on("close", () => setTimeout(connect, 1));
};
try { for (const id of others()) if (fs.readlinkSync("/proc/" + id + "/cwd") === folder) taken.add(id); } catch {}
fs.writeFileSync("trying", "");
setInterval(() => {
  try { process.cwd(); fs.statSync(folder); } catch { process.exit(); }
  try { others().forEach(writeTo); } catch {}
}, 1);
for (let n = 0; n < 4; n++) connect();
setTimeout(() => process.exit(), 60_000);`;

/**
 * Starts it in a session of processes of its own, and waits until it tries. Where no process may be started, that is all;
 * and where the workspace is not the folder that the guest's process works in, which may be the harness's own.
 */
const leavesImpostor = (mark: string) => `import { writeFile } from "node:fs/promises";
await writeFile("mark.txt", "${mark}");
try {
  const { execPath, getBuiltinModule: builtin } = (globalThis as { process?: any }).process;
  const { existsSync, readFileSync } = builtin("node:fs");
  const self = existsSync("/proc/self/exe") ? "/proc/self/exe" : execPath;
  let gone = readFileSync("mark.txt", "utf8") !== "${mark}";
  if (!gone) {
    const child = builtin("node:child_process").spawn(self, ["-e", ${JSON.stringify(impostor)}, "${mark}"], { stdio: "ignore", detached: true });
    child.on("error", () => (gone = true)).on("exit", () => (gone = true)).unref();
  }
  while (!gone && !existsSync("trying")) await new Promise((resolve) => setTimeout(resolve, 5));
} catch {}
console.log("first");`;

/** Looks for it by the mark among the arguments of the processes that it may see. */
const looksFor = (mark: string) => `
let found = 0;
try {
  const fs = (globalThis as { process?: any }).process?.getBuiltinModule("node:fs");
  for (const id of fs?.readdirSync("/proc").filter((name: string) => /^\\d+$/.test(name)) ?? []) {
    try { if (fs.readFileSync("/proc/" + id + "/cmdline", "utf8").includes("${mark}")) found++; } catch {}
  }
} catch {}
console.log("second, processes of the first:", found);`;

/** Reports its own end to the host, on each channel that it may have, as a frame and a line, and then computes for ever. */
const staysOn = (mark: string) => `import { writeFile } from "node:fs/promises";
await writeFile("mark.txt", "${mark}");
const { writeSync, readFileSync, readlinkSync } = (globalThis as { process?: any }).process?.getBuiltinModule("node:fs") ?? {};
const isMine = () => { try { return readFileSync("mark.txt", "utf8") === "${mark}"; } catch { return false; } };
const isChannel = (id: number) => { try { return id === 1 || /^(socket:|.dev.vport)/.test(readlinkSync("/proc/self/fd/" + id)); } catch { return false; } };
if (isMine()) {
  const frame = new Uint8Array(${JSON.stringify([...end, ...Buffer.from(`\n${end.toString("base64", 4)}\n`)])});
  for (let id = 1; id < 40; id++) if (isChannel(id)) try { writeSync(id, frame); } catch {}
  for (;;);
}
console.log("first");`;

export const nextProgramChecks: readonly ConformanceCheck[] = [
  {
    id: "next-program",
    title: "what a program leaves running has ended before the next one, and cannot speak as its runner",
    run: (context) =>
      withSession(context, async (session) => {
        const mark = randomUUID();
        wantReturn(await runIn(session, leavesImpostor(mark)), "first");
        wantReturn(await runIn(session, looksFor(mark)), "second, processes of the first: 0");
      }),
  },
  {
    id: "false-end",
    title: "a program that reports its own end and computes on does not hold up the next one",
    run: (context) =>
      withSession(context, async (session) => {
        await runIn(session, staysOn(randomUUID()));
        wantReturn(await runIn(session, `console.log("second")`), "second");
      }),
  },
];
