/**
 * Whether one user of a pool sees anything of the one before. The first plants a token wherever something could outlive
 * its session, and the next one looks there. The first one looks too, as the control: if it does not find its own token,
 * the job proves nothing and fails. On a backend without isolation the next one finds the token, and the sample says so.
 */
import { rm } from "node:fs/promises";
import type { Language, Session } from "../../../contract/index.ts";
import { openOptions, program, runOptions } from "./programs.ts";
import type { Measure } from "./setting.ts";

interface Canary {
  /** `mark` names what is planted, `token` is what it holds. */
  readonly plant: (mark: string, token: string) => string;
  /** Prints what it finds under that mark. */
  readonly look: (mark: string) => string;
}

/** Outside the workspace, where a guest can write: no backend cleans this place just by ending its session. */
const sharedFile = (mark: string) => `/tmp/mcp-code-bench-planted-${mark}`;

const canaries: { readonly [L in Language]: Canary } = {
  javascript: {
    plant: (mark, token) => `import { mkdir, writeFile } from "node:fs/promises";
await mkdir("planted", { recursive: true });
await writeFile("planted/token.txt", "${token}");
globalThis.planted = "${token}";
Object.prototype.planted = "${token}";
const builtin = (name) => globalThis.process?.getBuiltinModule?.(name);
try { builtin("node:fs").writeFileSync("${sharedFile(mark)}", "${token}"); } catch {}
try {
  const child = builtin("node:child_process").spawn("sleep", ["30"], { argv0: "planted-${token}", stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
} catch {}
console.log("planted");`,
    look: (mark) => `import { readFile } from "node:fs/promises";
const seen = [String(globalThis.planted), String({}.planted)];
const fs = globalThis.process?.getBuiltinModule?.("node:fs");
const found = (read) => { try { const text = read(); if (text.includes("planted-") || !text.includes("\\0")) seen.push(text); } catch {} };
try { seen.push(await readFile("planted/token.txt", "utf8")); } catch {}
found(() => fs.readFileSync("${sharedFile(mark)}", "utf8"));
try { for (const id of fs.readdirSync("/proc")) found(() => fs.readFileSync("/proc/" + id + "/cmdline", "utf8")); } catch {}
console.log(seen.join(" "));`,
  },
  python: {
    plant: (mark, token) => `import builtins, os
os.makedirs("planted", exist_ok=True)
for path in ("planted/token.txt", "${sharedFile(mark)}"):
    try:
        with open(path, "w") as file:
            file.write("${token}")
    except OSError:
        pass
planted = builtins.planted = "${token}"
print("planted")`,
    look: (mark) => `import builtins
seen = [str(globals().get("planted")), str(getattr(builtins, "planted", None))]
for path in ("planted/token.txt", "${sharedFile(mark)}"):
    try:
        with open(path) as file:
            seen.append(file.read())
    except OSError:
        pass
print(" ".join(seen))`,
  },
};

export const measurePoolLeak: Measure = async ({ pool, sandbox, language, memoryBytes, nonce }) => {
  if (pool === null) throw new TypeError("There is no pool to measure.");
  const [mark, token] = [nonce.slice(0, nonce.length / 2), nonce.slice(nonce.length / 2)];
  const { plant, look } = canaries[language];
  const options = openOptions(language, memoryBytes);
  const sees = async (session: Session): Promise<boolean> => {
    const found = await session.run(program(language, look(mark)), { ...runOptions(), outputBytes: 1_000_000 });
    if (found.status !== "returned") throw new Error(`the look ended as ${found.status}: ${found.text.slice(0, 200)}`);
    const files = await session.listFiles();
    return found.text.includes(token) || files.some((path) => path.startsWith("planted"));
  };
  try {
    await pool.prepare(options);
    const first = await pool.open(options);
    try {
      const planted = await first.run(program(language, plant(mark, token)), runOptions());
      if (planted.status !== "returned") throw new Error(`nothing was planted: ${planted.text.slice(0, 200)}`);
      const persists = sandbox.persists.files || sandbox.persists.globals.includes(language);
      if (!(await sees(first)) && persists)
        throw new Error("the session that planted the token does not see it, so this shows nothing of the next one");
    } finally {
      await first.close();
    }
    await pool.prepare(options);
    const next = await pool.open(options);
    try {
      return { nextUserSaw: [(await sees(next)) ? 1 : 0] };
    } finally {
      await next.close();
    }
  } finally {
    // A guest without isolation wrote it on this machine.
    await rm(sharedFile(mark), { force: true });
    await pool.prepare(options);
  }
};
