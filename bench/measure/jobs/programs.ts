/** The programs that are timed, in each language, and the bridge that answers them at once. */
import type { CallReply, GuestBridge, Language, OpenOptions, Outcome, Program, RunOptions } from "../../../contract/index.ts";

/** Milliseconds. Nothing that is measured takes this long, so whatever reaches it is a failure. */
export const patienceMs = 120_000;

interface Sources {
  readonly file: string;
  /** Prints 2. */
  readonly trivial: string;
  /** One tool call, whose answer is printed. */
  readonly call: (n: number) => string;
  /** This many tool calls, one after another; prints how many were right. */
  readonly calls: (count: number) => string;
  /** As many requests to `/n` below this URL, one after another; prints how many answers were right. */
  readonly fetches: (count: number, url: string) => string;
  /** Calls the tool once, then never ends. */
  readonly loop: string;
}

export const sources: { readonly [L in Language]: Sources } = {
  javascript: {
    file: "program.ts",
    trivial: "console.log(2);",
    call: (n) => `console.log((await callTool("lab", "echo", { n: ${n} })).n);`,
    calls: (count) =>
      `let right = 0;\nfor (let n = 0; n < ${count}; n++) if ((await callTool("lab", "echo", { n })).n === n) right++;\nconsole.log(right);`,
    fetches: (count, url) =>
      `let right = 0;\nfor (let n = 0; n < ${count}; n++) if ((await (await fetch("${url}/" + n)).text()) === String(n)) right++;\nconsole.log(right);`,
    loop: `await callTool("lab", "echo", { n: 0 });\nfor (;;);`,
  },
  python: {
    file: "program.py",
    trivial: "print(2)",
    call: (n) => `print((await call_tool("lab", "echo", {"n": ${n}}))["n"])`,
    calls: (count) =>
      `right = 0\nfor n in range(${count}):\n    if (await call_tool("lab", "echo", {"n": n}))["n"] == n:\n        right += 1\nprint(right)`,
    fetches: (count, url) =>
      `right = 0\nfor n in range(${count}):\n    if (await fetch("${url}/" + str(n))).text() == str(n):\n        right += 1\nprint(right)`,
    loop: `await call_tool("lab", "echo", {"n": 0})\nwhile True:\n    pass`,
  },
};

export const program = (language: Language, source: string): Program => ({ file: sources[language].file, source });

/** Shared by every session, as a run's tree is: a backend may keep it. */
const files: OpenOptions["files"] = new Map([
  ["servers/lab/echo.ts", `export const echo = (input: object): Promise<unknown> => callTool("lab", "echo", input);\n`],
]);

export const openOptions = (language: Language, memoryBytes: number): OpenOptions => ({ language, files, memoryBytes });

/** Returns every input at once, after `onCall`. */
export function echoBridge(onCall: () => void = () => undefined): GuestBridge {
  return {
    async call(_server, _tool, input): Promise<CallReply> {
      onCall();
      return { status: "ok", text: "", structured: input };
    },
  };
}

export const runOptions = (bridge: GuestBridge = echoBridge()): RunOptions => ({
  bridge,
  wallTimeMs: patienceMs,
  outputBytes: 10_000,
  virtualTime: false,
});

/** Throws unless the program returned and showed exactly this: a fast wrong answer is not a sample. */
export function expectText(outcome: Outcome, text: string): void {
  // A backend may end its text with the line feed of the last line.
  if (outcome.status === "returned" && outcome.text.trimEnd() === text) return;
  const ended = outcome.status === "limit-exceeded" ? `limit-exceeded (${outcome.limit})` : outcome.status;
  throw new Error(`the program ended as ${ended} and showed "${outcome.text.slice(0, 200)}" where "${text}" was due`);
}
