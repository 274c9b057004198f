/**
 * A program that calls a tool again and again. Each time is from one call's arrival at the host to the next one's, so it
 * holds the way to the guest, the guest, and the way back. Only the host's clock is read, because some guests have a coarse
 * one. The tool answers at once.
 */
import { callsPerSession } from "../plan.ts";
import { echoBridge, openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

export const measureRoundTrip: Measure = async ({ sandbox, floor, language, memoryBytes, now, expect }) => {
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    const arrivals: number[] = [];
    const bridge = echoBridge(() => arrivals.push(now()));
    // One more than there are times between them.
    const calls = callsPerSession + 1;
    // The floor runs no program: only the bridge and the clock are left.
    if (floor) for (let n = 0; n < calls; n++) await bridge.call("lab", "echo", { n });
    else expect(await session.run(program(language, sources[language].calls(calls)), runOptions(bridge)), String(calls));
    if (arrivals.length !== calls) throw new Error(`${arrivals.length} of ${calls} calls arrived`);
    return { roundTripMs: arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? Number.NaN)) };
  } finally {
    await session.close();
  }
};
