/** Python sessions from open to close, and what they leave behind. */
import { readdirSync } from "node:fs";
import { type GuestBridge, isBenchError } from "../../../../contract/index.ts";
import { type ConformanceCheck, memoryBytes } from "../context.ts";
import { processesLeftBelow } from "../processes.ts";
import { wantCrash, wantEnd, wantRefusal, wantSame, wantText } from "../wanted.ts";
import { playPython, pythonFiles, runPython, withPython } from "./context.ts";

export const pythonLifecycle: readonly ConformanceCheck[] = [
  {
    id: "abort",
    title: "the caller's signal ends a run, and the session with it",
    async run(context) {
      await withPython(context, async (session) => {
        const stop = new AbortController();
        const bridge: GuestBridge = {
          async call() {
            stop.abort();
            return { status: "ok", text: "" };
          },
        };
        const source = `await call_tool("lab", "x", {})\nwhile True:\n    pass`;
        const outcome = await runPython(session, source, { bridge, signal: stop.signal });
        wantEnd(outcome, "aborted");
        await wantRefusal("a run in a closed session", runPython(session, ""), "SESSION_CLOSED");
      });
      const outcome = await playPython(context, "while True:\n    pass", { signal: AbortSignal.abort() });
      wantEnd(outcome, "aborted");
    },
  },
  {
    id: "serial-runs",
    title: "a second run before the first settles is SESSION_BUSY, and harms nothing",
    run: (context) =>
      withPython(context, async (session) => {
        const first = runPython(session, `import asyncio\nawait asyncio.sleep(0.05)\nprint("first")`);
        await wantRefusal("a run while another is under way", runPython(session, ""), "SESSION_BUSY");
        wantText(await first, "first");
        wantText(await runPython(session, `print("second")`), "second");
      }),
  },
  {
    id: "closed-session",
    title: "close is idempotent, ends a run, and leaves SESSION_CLOSED",
    async run({ sandbox }) {
      const session = await sandbox.open({ language: "python", files: pythonFiles, memoryBytes });
      const running = runPython(session, "while True:\n    pass");
      await Promise.all([session.close(), session.close()]);
      const outcome = await running;
      wantEnd(outcome, "aborted");
      await wantRefusal("a run in a closed session", runPython(session, ""), "SESSION_CLOSED");
      await wantRefusal("readFile of a closed session", session.readFile("x"), "SESSION_CLOSED");
    },
  },
  {
    id: "dead-process",
    title: "a program that ends its own process threw or broke its backend, and the next session works",
    async run(context) {
      const ended = playPython(context, `import os\nprint("bye")\nos._exit(3)`);
      const outcome = await ended.catch((error: unknown) => {
        if (isBenchError(error, "SANDBOX_UNAVAILABLE")) return undefined;
        throw error;
      });
      if (outcome !== undefined) wantText(outcome, "bye\nError: Error: The program ended its process with code 3");
      wantText(await playPython(context, `print("next")`), "next");
    },
  },
  {
    id: "crash",
    title: "a program that crashes its own process threw, in the same words everywhere, and the next session works",
    async run(context) {
      for (const signal of ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGTERM"]) {
        const source = `import os, signal
print("begun")
try:
    os.kill(os.getpid(), signal.${signal})
except (AttributeError, OSError):
    pass
print("going on")`;
        const outcome = await playPython(context, source);
        // An interpreter in WebAssembly has no process.
        if (outcome.text !== "begun\ngoing on") wantCrash(outcome, signal);
      }
      wantText(await playPython(context, `print("next")`), "next");
    },
  },
  {
    id: "parallel-sessions",
    title: "sessions run side by side and do not mix",
    async run(context) {
      const play = (n: number) => playPython(context, `print((await call_tool("lab", "echo", {"n": ${n}}))["n"])`);
      const outcomes = await Promise.all([1, 2, 3].map(play));
      for (const [index, outcome] of outcomes.entries()) wantText(outcome, `${index + 1}`);
    },
  },
  {
    id: "nothing-left",
    title: "after close and dispose no file and no process is left",
    async run({ sandbox, tmpDir }) {
      const session = await sandbox.open({ language: "python", files: pythonFiles, memoryBytes });
      await runPython(
        session,
        `import subprocess\ntry:\n    child = subprocess.Popen(["/bin/sleep", "60"])\nexcept OSError:\n    pass`,
      );
      await session.close();
      await sandbox.dispose();
      wantSame("processes that still work in a folder below its tmpDir", await processesLeftBelow(tmpDir), []);
      wantSame("what is left in its tmpDir", readdirSync(tmpDir), []);
    },
  },
];
