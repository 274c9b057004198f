/** One session from nothing to nothing: opening, the first program, further ones, its memory, its end. */
import { setTimeout as delay } from "node:timers/promises";
import { openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

/**
 * Milliseconds between programs for a warm run. A model takes longer to write the next program, and backends use that
 * time to prepare for it.
 */
const pauseMs = 250;

export const measureSession: Measure = async ({ sandbox, language, memoryBytes, now, expect }) => {
  const trivial = program(language, sources[language].trivial);
  const start = now();
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    const opened = now();
    expect(await session.run(trivial, runOptions()), "2");
    const first = now();
    expect(await session.run(trivial, runOptions()), "2");
    const second = now();
    await delay(pauseMs);
    // Idle, and ready for the next program: what a session costs while its model thinks.
    const { residentBytes } = await session.usage();
    const rested = now();
    expect(await session.run(trivial, runOptions()), "2");
    const third = now();
    const closing = now();
    await session.close();
    const closed = now();
    return {
      openMs: [opened - start],
      coldStartMs: [first - start],
      atOnceRunMs: [second - first],
      warmRunMs: [third - rested],
      closeMs: [closed - closing],
      residentBytes: residentBytes === null ? null : [residentBytes],
    };
  } finally {
    await session.close();
  }
};
