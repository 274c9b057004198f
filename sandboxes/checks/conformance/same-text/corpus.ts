/** The programs that must show the same bytes, and be seen to use the same, on every backend of their language. */
import { createHash } from "node:crypto";
import type { Activity, GuestBridge, Language, OpenOptions, Outcome, Session } from "../../../../contract/index.ts";
import { type ConformanceContext, labBridge, memoryBytes, patientMs } from "../context.ts";
import { pythonFiles } from "../python/context.ts";
import { javascriptFiles } from "./javascript.ts";
import type { CorpusProgram } from "./program.ts";

/** What a program showed. A long text is held by its hash. */
export interface Shown {
  readonly status: Outcome["status"];
  readonly text: string | { readonly characters: number; readonly sha256: string; readonly end: string };
  readonly activity: Omit<Activity, "filesReportedBy">;
}

const lab: GuestBridge = {
  async call(_server, tool, input) {
    if (tool === "echo") return { status: "ok", text: "", structured: input };
    return { status: "tool-error", text: `failed: ${input.why}` };
  },
};

const settings: Readonly<Record<Language, { file: string; bridge: GuestBridge; open: OpenOptions }>> = {
  javascript: {
    file: "program.ts",
    bridge: lab,
    open: { language: "javascript", files: javascriptFiles, memoryBytes: 2 * memoryBytes },
  },
  python: { file: "program.py", bridge: labBridge(), open: { language: "python", files: pythonFiles, memoryBytes } },
};

const outputBytes = 30_000;

/** Plays all programs in one session, in order; in another one from where a program met a limit. Yields what each showed. */
export async function* playCorpus(
  { sandbox }: Pick<ConformanceContext, "sandbox">,
  language: Language,
  programs: readonly CorpusProgram[],
): AsyncGenerator<readonly [id: string, outcome: Outcome]> {
  const { file, bridge, open } = settings[language];
  let session: Session | undefined;
  try {
    for (const { id, source, virtualTime = false } of programs) {
      session ??= await sandbox.open(open);
      const outcome = await session.run({ file, source }, { bridge, wallTimeMs: patientMs, outputBytes, virtualTime });
      if (outcome.status === "limit-exceeded") session = void (await session.close());
      yield [id, outcome];
    }
  } finally {
    await session?.close();
  }
}

/** Characters of a text that is kept whole, and of the end of one that is not. */
const wholeLength = 2_000;
const endLength = 100;

export function shownOf({ status, text, activity: { filesReportedBy: _, ...activity } }: Outcome): Shown {
  if (text.length <= wholeLength) return { status, text, activity };
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { status, text: { characters: text.length, sha256, end: text.slice(-endLength) }, activity };
}
