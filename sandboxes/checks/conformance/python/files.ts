/** The workspace of Python programs. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declares } from "../../needs.ts";
import { type ConformanceCheck, memoryBytes } from "../context.ts";
import { want, wantRefusal, wantSame, wantText } from "../wanted.ts";
import { playPython, pythonFiles, runPython, showAll, withPython } from "./context.ts";

export const pythonFilesChecks: readonly ConformanceCheck[] = [
  {
    id: "files",
    title: "files persist between the runs of a session, the host sees them, and use is recorded",
    run: (context) =>
      withPython(context, async (session) => {
        await session.writeFile("in/host.txt", new TextEncoder().encode("from host"));
        const first = await runPython(
          session,
          `import os\nos.makedirs("out/deep")\nopen("out/deep/a.txt", "w").write("grüße")\nopen("/workspace/lib.py", "w").write("two = 2\\n")\nprint(open("in/host.txt").read())\ntry:\n    open("missing")\nexcept FileNotFoundError:\n    pass`,
        );
        wantText(first, "from host");
        wantSame("activity.read", first.activity.read, ["in/host.txt"]);
        wantSame("activity.wrote", first.activity.wrote, ["out", "out/deep", "out/deep/a.txt", "lib.py"]);
        const second = await runPython(
          session,
          `from lib import two\nprint(open("out/deep/a.txt").read(), two, os.listdir("."), os.stat("out/deep/a.txt").st_size)`,
        );
        wantText(second, `grüße 2 ['in', 'lib.py', 'out', 'servers'] 7`);
        wantSame(
          "the host's readFile of what the program wrote",
          new TextDecoder().decode(await session.readFile("out/deep/a.txt")),
          "grüße",
        );
        wantSame("the host's listFiles()", await session.listFiles(), [
          "in/host.txt",
          "lib.py",
          "out/deep/a.txt",
          "servers/lab/echo.py",
        ]);
        await wantRefusal("readFile of no file", session.readFile("nope.txt"), "FILE_NOT_FOUND");
        await wantRefusal("writeFile of ../x", session.writeFile("../x", new Uint8Array()), "PATH_OUTSIDE_WORKSPACE");
      }),
  },
  {
    id: "sessions-apart",
    title: "a file or global left in one session is absent in the next",
    async run(context) {
      await playPython(context, `open("left.txt", "w").write("x")\nleft = 1`);
      await showAll(context, [[`import os\nprint(os.listdir("."), "left" in globals())`, "['servers'] False"]]);
    },
  },
  {
    id: "read-only-tree",
    title: "nothing below servers/ can be written",
    async run(context) {
      const source = `import os
for attempt in [lambda: open("servers/x.py", "w"), lambda: open("/workspace/servers/lab/echo.py", "a").write("x") and None, lambda: os.mkdir("servers/new"), lambda: os.remove("servers/lab/echo.py"), lambda: os.rename("servers/lab", "lab"), lambda: os.chmod("servers/lab/echo.py", 0o777)]:
    try:
        attempt()
        print("worked")
    except OSError as error:
        print("refused")
print(open("servers/lab/echo.py").read().count("echo"))`;
      wantText(await playPython(context, source), `${"refused\n".repeat(6)}2`);
    },
  },
  {
    id: "path-escape",
    title: "no file of the host can be read, and links out of the workspace are not followed by its file API",
    run: (context) =>
      withPython(context, async (session) => {
        const canary = readFileSync(context.canaryFile, "utf8");
        const source = `import os\nfor path in [${JSON.stringify(context.canaryFile)}, "/proc/1/root" + ${JSON.stringify(context.canaryFile)}, "/proc/self/root" + ${JSON.stringify(context.canaryFile)}]:\n    try:\n        print(open(path).read())\n    except OSError as error:\n        print("no")\nos.symlink("/", "out")`;
        const outcome = await runPython(session, source);
        want(!outcome.text.includes(canary), "wanted: no file of the host; it read one");
        wantText(outcome, "no\nno\nno");
        for (const path of ["out/etc/passwd", `out${context.canaryFile}`]) {
          await wantRefusal(`the host's readFile of ${path}, a link to /`, session.readFile(path), "PATH_OUTSIDE_WORKSPACE");
        }
        await wantRefusal(
          "the host's writeFile below a link to /",
          session.writeFile("out/x", new Uint8Array()),
          "PATH_OUTSIDE_WORKSPACE",
        );
        wantSame("the host's listFiles()", await session.listFiles(), ["servers/lab/echo.py"]);
      }),
  },
  {
    id: "data",
    title: "the host's data folders are there to read, and cannot be written",
    async run({ sandbox }) {
      const folder = mkdtempSync(join(tmpdir(), "sandbox-data-"));
      // A guest may be a user of its own.
      chmodSync(folder, 0o755);
      mkdirSync(join(folder, "deep"));
      writeFileSync(join(folder, "deep", "a.txt"), "grüße");
      const data = [{ name: "corpus", path: folder }];
      const session = await sandbox.open({ language: "python", files: pythonFiles, data, memoryBytes });
      try {
        const source = `import os
print(open("data/corpus/deep/a.txt").read(), os.listdir("/workspace/data"))
for attempt in [lambda: open("data/corpus/deep/a.txt", "w"), lambda: open("data/corpus/new", "w"), lambda: os.remove("data/corpus/deep/a.txt")]:
    try:
        attempt()
        print("worked")
    except OSError as error:
        print("refused")`;
        wantText(await runPython(session, source), "grüße ['corpus']\nrefused\nrefused\nrefused");
        wantSame("the host's file afterwards", readFileSync(join(folder, "deep", "a.txt"), "utf8"), "grüße");
      } finally {
        await session.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  {
    id: "disk",
    title: "a program that fills its workspace is refused, and the host's disk does not fill",
    limit: "disk",
    needs: [declares("disk")],
    async run(context) {
      const source = `refused = "wrote 400 MB, and nothing was refused"
for i in range(400):
    try:
        with open(f"f{i}", "wb") as file:
            file.write(bytes(2**20))
    except OSError as error:
        refused = error.strerror
        break
print(refused)`;
      const outcome = await playPython(context, source, { memoryBytes: 4 * memoryBytes });
      wantText(outcome, "No space left on device");
    },
  },
];
