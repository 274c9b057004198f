/** The machine's resources beside time and memory, data of the host, and many sessions at once. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declares } from "../../needs.ts";
import { briefMs, type ConformanceCheck, exceeds, files, memoryBytes, play, runIn, shows, withSession } from "../context.ts";
import { told, want, wantRefusal, wantSame, wantText } from "../wanted.ts";

/** A guest without processes of its own finds `undefined`, and has nothing to exhaust. */
const builtin = `const builtin = (globalThis as { process?: { getBuiltinModule(name: string): any } }).process?.getBuiltinModule;\n`;
/** Bounds of what a failed limit may do to the machine. */
const mostChildren = 300;
const mostDiskMegabytes = 200;
const mostOpenFiles = 5_000;
const sessionsAtOnce = 8;

export const resourcesChecks: readonly ConformanceCheck[] = [
  {
    id: "data",
    title: "data folders of the host are there, read-only, and links in them lead nowhere else",
    async run(context) {
      const folder = mkdtempSync(join(tmpdir(), "sandbox-data-"));
      try {
        chmodSync(folder, 0o755);
        mkdirSync(join(folder, "deep"));
        writeFileSync(join(folder, "deep", "a.txt"), "grüße");
        symlinkSync(context.canaryFile, join(folder, "out.txt"));
        const session = await context.sandbox.open({
          language: "javascript",
          files,
          memoryBytes,
          data: [{ name: "corpus", path: folder }],
        });
        const source = `import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
console.log(await readFile("data/corpus/deep/a.txt", "utf8"), await readdir("data"), await readdir("/workspace/data/corpus/deep"));
console.log(await readFile("data/corpus/out.txt", "utf8").catch(() => "nowhere"));
for (const path of ["data/corpus/deep/a.txt", "data/corpus/new.txt", "data/x"]) await writeFile(path, "x").catch((e) => console.log(e.code));
await mkdir("data/new").catch((e) => console.log(e.code));`;
        const outcome = await runIn(session, source).finally(() => session.close());
        wantText(outcome, `grüße ["corpus"] ["a.txt"]\nnowhere\nEROFS\nEROFS\nEROFS\nEROFS`);
        wantSame("activity.wrote", outcome.activity.wrote, []);
        wantSame("the host's folder afterwards", readdirSync(folder), ["deep", "out.txt"]);
        wantSame("the host's file afterwards", readFileSync(join(folder, "deep", "a.txt"), "utf8"), "grüße");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  {
    id: "processes",
    title: "a program that starts processes without end runs into a cap, and none is left",
    limit: "processes",
    needs: [declares("processes")],
    async run(context) {
      const source = `${builtin}const { spawn } = builtin?.("node:child_process") ?? {};
let started = 0, refused = 0;
for (let i = 0; i < ${mostChildren} && refused === 0; i++) {
  try { const child = spawn("/bin/sleep", ["30"], { stdio: "ignore" }); child.on("error", () => {}); child.pid === undefined ? refused++ : started++; } catch { refused++; }
}
console.log(spawn === undefined || refused > 0 ? "capped" : started);
(globalThis as any).process?.exit(0);`;
      const outcome = await play(context, source);
      const count = /^\d+/.exec(outcome.text)?.[0];
      const message =
        count === undefined
          ? `wanted: its calls to start processes are refused; ${told(outcome)}`
          : `started ${count} processes, wanted a refusal before that`;
      want(outcome.text.startsWith("capped"), message);
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "disk",
    title: "a program that fills its workspace gets ENOSPC, and the host's disk does not",
    limit: "disk",
    needs: [declares("disk")],
    async run(context) {
      const source = `import { writeFile } from "node:fs/promises";
const megabyte = new Uint8Array(2 ** 20).fill(1);
let written = 0;
try { for (; written < ${mostDiskMegabytes}; written++) await writeFile("f" + written, megabyte); console.log("wrote " + written + " MB, and nothing was refused"); } catch (e) { console.log((e as any).code); }`;
      await shows(context, source, "ENOSPC", { memoryBytes: 4 * memoryBytes });
    },
  },
  {
    id: "descriptors",
    title: "a program that opens files without end harms nobody else",
    async run(context) {
      const source = `${builtin}const fs = builtin?.("node:fs");
try { for (let i = 0; i < ${mostOpenFiles}; i++) fs?.openSync("/proc/self/status", "r"); } catch (e) { console.log((e as any).code ?? (e as any).name); }`;
      const outcome = await play(context, source);
      const refusals = ["EMFILE", "ENOENT", "ENFILE", "EACCES", "ERR_ACCESS_DENIED", "NotCapable"];
      want(
        ["", ...refusals].includes(outcome.text) || outcome.status === "threw",
        `wanted: it throws, or shows nothing or one of ${refusals.join(", ")}; ${told(outcome)}`,
      );
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "many-sessions",
    title: "many sessions at once all answer, each for itself",
    async run(context) {
      const count = Math.min(sessionsAtOnce, context.sandbox.maxSessions);
      const numbers = Array.from({ length: count }, (_, n) => n);
      const outcomes = await Promise.all(
        numbers.map((n) =>
          play(
            context,
            `console.log((await callTool<{ n: number }>("lab", "echo", { n: ${n} })).n, "mark" in globalThis); Object.assign(globalThis, { mark: 1 });`,
          ),
        ),
      );
      for (const [n, outcome] of outcomes.entries()) wantText(outcome, `${n} false`);
    },
  },
  {
    id: "after-a-limit",
    title: "a session that met a limit is closed, and the next one is clean",
    run: (context) =>
      withSession(context, async (session) => {
        await runIn(session, `import { writeFile } from "node:fs/promises";\nawait writeFile("left.txt", "x"); for (;;);`, {
          wallTimeMs: briefMs(context),
        });
        await wantRefusal("a run in a closed session", runIn(session, ""), "SESSION_CLOSED");
        await wantRefusal("readFile of a closed session", session.readFile("left.txt"), "SESSION_CLOSED");
        await shows(context, `import { readdir } from "node:fs/promises";\nconsole.log(await readdir("."));`, `["servers"]`);
      }),
  },
  {
    id: "output-without-lines",
    title: "one line of output without end is stopped",
    limit: "output",
    run: async (context) =>
      void (await exceeds(context, `for (let s = "x"; ; s = s.length < 2 ** 20 ? s + s : s) console.log(s);`, "output", {
        memoryBytes: 4 * memoryBytes,
      })),
  },
];
