/** What the checks of Python backends are written with; the bridge and the limits are those of JavaScript's. */
import type { LimitName, Outcome, RunOptions, Session } from "../../../../contract/index.ts";
import { type ConformanceContext, labBridge, memoryBytes, outputBytes, patientMs } from "../context.ts";
import { wantEnd, wantReturn } from "../wanted.ts";

export const pythonFiles: ReadonlyMap<string, string> = new Map([
  ["servers/lab/echo.py", `async def echo(input: dict) -> dict:\n    return await call_tool("lab", "echo", input)\n`],
]);

interface PlayOptions extends Partial<RunOptions> {
  readonly memoryBytes?: number;
}

export async function withPython<T>(
  { sandbox }: ConformanceContext,
  use: (session: Session) => Promise<T>,
  memory = memoryBytes,
): Promise<T> {
  const session = await sandbox.open({ language: "python", files: pythonFiles, memoryBytes: memory });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

export const runPython = (session: Session, source: string, options: PlayOptions = {}): Promise<Outcome> =>
  session.run(
    { file: "program.py", source },
    { bridge: labBridge(), wallTimeMs: patientMs, outputBytes, virtualTime: false, ...options },
  );

/** In a session of its own. */
export const playPython = (context: ConformanceContext, source: string, options: PlayOptions = {}) =>
  withPython(context, (session) => runPython(session, source, options), options.memoryBytes);

/** Each program ends well and shows exactly its text; one session plays them all. */
export const showAll = (context: ConformanceContext, programs: readonly (readonly [source: string, text: string])[]) =>
  withPython(context, async (session) => {
    for (const [source, text] of programs) {
      wantReturn(await runPython(session, source), text);
    }
  });

/** The program's run ends by this limit, and a session that is opened then works. */
export async function exceedsPython(
  context: ConformanceContext,
  source: string,
  limit: LimitName,
  options: PlayOptions = {},
): Promise<Outcome> {
  const outcome = await playPython(context, source, options);
  wantEnd(outcome, limit);
  await showAll(context, [[`print("next")`, "next"]]);
  return outcome;
}
