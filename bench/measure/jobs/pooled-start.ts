/** The same as a cold start, from a pool that is full: what waits for a session that was opened ahead. */
import { openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

export const measurePooledStart: Measure = async ({ pool, language, memoryBytes, now, expect }) => {
  if (pool === null) throw new TypeError("There is no pool to measure.");
  const options = openOptions(language, memoryBytes);
  await pool.prepare(options);
  const start = now();
  const session = await pool.open(options);
  try {
    const pooledOpenMs = now() - start;
    expect(await session.run(program(language, sources[language].trivial), runOptions()), "2");
    return { pooledOpenMs: [pooledOpenMs], pooledStartMs: [now() - start] };
  } finally {
    await session.close();
    // What it opens to fill up belongs to this job, not to the next one's time.
    await pool.prepare(options);
  }
};
