/** The same as a cold start, from a full pool: the time to get a session that was opened ahead. */
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
    // The pool fills up again within this job, so that the next one is not slowed.
    await pool.prepare(options);
  }
};
