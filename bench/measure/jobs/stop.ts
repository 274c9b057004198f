/** How long it takes to stop a program that never ends: from the host's order to the run's outcome. */
import { setTimeout as delay } from "node:timers/promises";
import { echoBridge, openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

/** Milliseconds from the guest's sign of life to the order, in which it enters its loop. */
const loopMs = 30;

export const measureStop: Measure = async ({ sandbox, language, memoryBytes, now }) => {
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    const called = Promise.withResolvers<void>();
    const stop = new AbortController();
    const running = session.run(program(language, sources[language].loop), {
      ...runOptions(echoBridge(called.resolve)),
      signal: stop.signal,
    });
    // A program that ends before it calls is a failure too.
    await Promise.race([called.promise, running]);
    await delay(loopMs);
    const ordered = now();
    stop.abort();
    const outcome = await running;
    const stopMs = now() - ordered;
    if (outcome.status !== "limit-exceeded" || outcome.limit !== "aborted")
      throw new Error(`the loop ended as ${outcome.status}: ${outcome.text.slice(0, 200)}`);
    return { stopMs: [stopMs] };
  } finally {
    await session.close();
  }
};
