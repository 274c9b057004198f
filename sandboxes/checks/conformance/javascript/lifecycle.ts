/** Sessions from open to close, and what they leave behind. */
import { readdirSync } from "node:fs";
import type { GuestBridge } from "../../../../contract/index.ts";
import { type ConformanceCheck, files, memoryBytes, play, runIn, shows, withSession } from "../context.ts";
import { processesLeftBelow } from "../processes.ts";
import { want, wantCrash, wantEnd, wantRefusal, wantSame, wantText } from "../wanted.ts";

export const lifecycleChecks: readonly ConformanceCheck[] = [
  {
    id: "abort",
    title: "the caller's signal ends a run, and the session with it",
    async run(context) {
      await withSession(context, async (session) => {
        const stop = new AbortController();
        const bridge: GuestBridge = {
          async call() {
            stop.abort();
            return { status: "ok", text: "" };
          },
        };
        const outcome = await runIn(session, `await callTool("lab", "x", {}); for (;;);`, { bridge, signal: stop.signal });
        wantEnd(outcome, "aborted");
        await wantRefusal("a run in a closed session", runIn(session, ""), "SESSION_CLOSED");
      });
      const outcome = await play(context, `for (;;);`, { signal: AbortSignal.abort() });
      wantEnd(outcome, "aborted");
    },
  },
  {
    id: "serial-runs",
    title: "a second run before the first settles is SESSION_BUSY, and harms nothing",
    run: (context) =>
      withSession(context, async (session) => {
        const first = runIn(session, `await new Promise((r) => setTimeout(r, 50)); console.log("first");`);
        await wantRefusal("a run while another is under way", runIn(session, ""), "SESSION_BUSY");
        wantText(await first, "first");
        wantText(await runIn(session, `console.log("second")`), "second");
      }),
  },
  {
    id: "closed-session",
    title: "close is idempotent, ends a run, and leaves SESSION_CLOSED",
    async run({ sandbox }) {
      const session = await sandbox.open({ language: "javascript", files, memoryBytes });
      const running = runIn(session, `for (;;);`);
      await Promise.all([session.close(), session.close()]);
      await session.close();
      const outcome = await running;
      wantEnd(outcome, "aborted");
      await wantRefusal("a run in a closed session", runIn(session, ""), "SESSION_CLOSED");
      await wantRefusal("readFile of a closed session", session.readFile("x"), "SESSION_CLOSED");
      await wantRefusal("listFiles of a closed session", session.listFiles(), "SESSION_CLOSED");
    },
  },
  {
    id: "parallel-sessions",
    title: "sessions run side by side and do not mix",
    async run(context) {
      const outcomes = await Promise.all(
        [1, 2, 3].map((n) => play(context, `console.log((await callTool<{ n: number }>("lab", "echo", { n: ${n} })).n);`)),
      );
      for (const [index, outcome] of outcomes.entries()) wantText(outcome, `${index + 1}`);
    },
  },
  {
    id: "crash",
    title: "a program that crashes its own process threw, in the same words everywhere, and the next session works",
    async run(context) {
      for (const signal of ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGTERM"]) {
        const source = `console.log("begun");
const { process } = globalThis as { process?: { pid: number; kill?(pid: number, signal: string): void } };
try { process?.kill?.(process.pid, "${signal}"); } catch {}
await new Promise((r) => setTimeout(r, 20));
console.log("going on");`;
        const outcome = await play(context, source);
        // Not every guest has a process of its own, or may send it signals.
        if (outcome.text !== "begun\ngoing on") wantCrash(outcome, signal);
      }
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "nothing-left",
    title: "after close and dispose no file and no process is left",
    async run({ sandbox, tmpDir }) {
      const session = await sandbox.open({ language: "javascript", files, memoryBytes });
      // A backend with real processes starts one that outlives its program; the others have nothing to start.
      await runIn(
        session,
        `const builtin = (globalThis as { process?: { getBuiltinModule(name: string): any } }).process?.getBuiltinModule("node:child_process");
builtin?.spawn("/bin/sleep", ["60"], { stdio: "ignore" }).unref();`,
      );
      await session.close();
      await sandbox.dispose();
      wantSame("processes that still work in a folder below its tmpDir", await processesLeftBelow(tmpDir), []);
      wantSame("what is left in its tmpDir", readdirSync(tmpDir), []);
      want((await sandbox.available()).status !== undefined, "wanted: available() still answers with a status after dispose");
    },
  },
];
