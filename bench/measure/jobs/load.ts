/** Many sessions at once, each playing one program with a tool call after another; every answer is checked. */
import { memoryUsage } from "node:process";
import type { Session } from "../../../contract/index.ts";
import { programsPerLoad } from "../plan.ts";
import { openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

export const measureLoad: Measure = async ({ sandbox, pool, language, memoryBytes, now, expect, sessions: wanted }) => {
  const count = wanted ?? 1;
  const programs = Math.max(1, Math.ceil(programsPerLoad / count));
  // The waiting sessions are closed: the backend holds only as many as are asked for.
  await pool?.empty();
  const residentBefore = memoryUsage.rss();
  const opening = now();
  const opened = await Promise.allSettled(Array.from({ length: count }, () => sandbox.open(openOptions(language, memoryBytes))));
  const openedAllMs = now() - opening;
  const sessions = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    const refused = opened.find((one) => one.status === "rejected");
    if (refused !== undefined)
      throw new Error(`${count - sessions.length} of ${count} sessions did not open: ${messageOf(refused.reason)}`);
    const programMs: number[] = [];
    const play = async (session: Session, at: number) => {
      for (let i = 0; i < programs; i++) {
        // A number of its own for every program, so that a mixed-up answer is seen.
        const n = at * programs + i;
        const start = now();
        expect(await session.run(program(language, sources[language].call(n)), runOptions()), String(n));
        programMs.push(now() - start);
      }
    };
    const start = now();
    await Promise.all(sessions.map(play));
    const wallMs = now() - start;
    return {
      openAllMs: [openedAllMs],
      // The harness's own process with its threads. Sessions that are not processes live there; others cost it memory, too.
      hostGrowthBytes: [(memoryUsage.rss() - residentBefore) / count],
      programsPerSecond: [(count * programs * 1000) / wallMs],
      programMs,
    };
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
};

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
