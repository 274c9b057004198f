/**
 * A program that asks a server of the harness again and again, through its session's proxy. Each time is from one request's
 * arrival at the server to the next one's, by the host's clock: the way back, the guest, a connection to the proxy, and
 * one from it to the server. No network is in it.
 */
import { requestsPerSession } from "../plan.ts";
import { openOptions, program, runOptions, sources } from "./programs.ts";
import type { Measure } from "./setting.ts";

export const measureEgressTrip: Measure = async ({ sandbox, egress, language, memoryBytes, now, expect }) => {
  if (egress === undefined) throw new TypeError("There is no egress to measure.");
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    const arrivals: number[] = [];
    egress.listen(() => arrivals.push(now()));
    const requests = requestsPerSession + 1;
    expect(await session.run(program(language, sources[language].fetches(requests, egress.url)), runOptions()), String(requests));
    if (arrivals.length !== requests) throw new Error(`${arrivals.length} of ${requests} requests arrived`);
    return { egressTripMs: arrivals.slice(1).map((at, i) => at - (arrivals[i] ?? Number.NaN)) };
  } finally {
    await session.close();
  }
};
