/** The workspace: what persists, what is read-only, and what is out of reach. */
import { type ConformanceCheck, play, runIn, shows, withSession } from "../context.ts";
import { wantRefusal, wantSame, wantText } from "../wanted.ts";

export const filesChecks: readonly ConformanceCheck[] = [
  {
    id: "files",
    title: "files persist between the runs of a session, and the host sees them",
    run: (context) =>
      withSession(context, async (session) => {
        await session.writeFile("in/host.txt", new TextEncoder().encode("from host"));
        const first = await runIn(
          session,
          `import { mkdir, readFile, writeFile } from "node:fs/promises";
await mkdir("out/deep", { recursive: true });
await writeFile("out/deep/a.txt", "grüße");
await writeFile("/workspace/lib.ts", "export const two: number = 2;");
console.log(await readFile("in/host.txt", "utf8"));`,
        );
        wantText(first, "from host");
        wantSame("activity.read", first.activity.read, ["in/host.txt"]);
        wantSame("activity.wrote", first.activity.wrote, ["out", "out/deep", "out/deep/a.txt", "lib.ts"]);
        const second = await runIn(
          session,
          `import { readdir, readFile, stat } from "node:fs/promises";
import { two } from "./lib.ts";
console.log(await readFile("out/deep/a.txt", "utf8"), two, await readdir("."), (await stat("out/deep/a.txt")).size);`,
        );
        wantText(second, `grüße 2 ["in","lib.ts","out","servers"] 7`);
        wantSame(
          "the host's readFile of what the program wrote",
          new TextDecoder().decode(await session.readFile("out/deep/a.txt")),
          "grüße",
        );
        wantSame("the host's listFiles()", await session.listFiles(), [
          "in/host.txt",
          "lib.ts",
          "out/deep/a.txt",
          "servers/lab/echo.ts",
        ]);
        await wantRefusal("readFile of no file", session.readFile("nope.txt"), "FILE_NOT_FOUND");
        await wantRefusal("writeFile of ../x", session.writeFile("../x", new Uint8Array()), "PATH_OUTSIDE_WORKSPACE");
      }),
  },
  {
    id: "sessions-apart",
    title: "a file or global left in one session is absent in the next",
    async run(context) {
      const leave = `import { writeFile } from "node:fs/promises";\nawait writeFile("left.txt", "x"); Object.assign(globalThis, { left: 1 });`;
      const look = `import { readdir } from "node:fs/promises";\nconsole.log(await readdir("."), "left" in globalThis);`;
      await play(context, leave);
      await shows(context, look, `["servers"] false`);
      if (context.sandbox.persists.globals.includes("javascript")) return;
      const outcome = await withSession(context, async (session) => {
        await runIn(session, leave);
        return runIn(session, look);
      });
      wantText(outcome, `["left.txt","servers"] false`);
    },
  },
  {
    id: "read-only-tree",
    title: "nothing below servers/ can be written",
    run: (context) =>
      shows(
        context,
        `import { mkdir, writeFile } from "node:fs/promises";
for (const path of ["servers/x.ts", "/workspace/servers/lab/echo.ts", "./out/../servers/x"]) await writeFile(path, "x").catch((e) => console.log(e.message));
await mkdir("servers/new").catch((e) => console.log(e.message));`,
        [
          "EROFS: read-only file system, open 'servers/x.ts'",
          "EROFS: read-only file system, open '/workspace/servers/lab/echo.ts'",
          "EROFS: read-only file system, open './out/../servers/x'",
          "EROFS: read-only file system, mkdir 'servers/new'",
        ].join("\n"),
      ),
  },
  {
    id: "path-escape",
    title: "the file API does not leave the workspace",
    async run(context) {
      const paths = ["../canary", "/etc/hostname", context.canaryFile, "a/../../x", "/workspace/../canary"];
      const outcome = await play(
        context,
        `import { readFile, writeFile } from "node:fs/promises";
await readFile("missing").catch(() => undefined);
for (const path of ${JSON.stringify(paths)}) {
  await readFile(path, "utf8").then(console.log, (e) => console.log(e.code));
  await writeFile(path, "x").catch((e) => console.log(e.code));
}`,
      );
      wantText(outcome, paths.flatMap(() => ["EACCES", "EACCES"]).join("\n"));
      // Only what was really read or written counts.
      wantSame("activity.read and .wrote", [outcome.activity.read, outcome.activity.wrote], [[], []]);
    },
  },
];
