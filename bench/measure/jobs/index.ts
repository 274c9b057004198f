/** The measures of backends, one line each. */
import type { BackendJobKind } from "../../../contract/sandbox-measurement.ts";
import { measureEgressTrip } from "./egress-trip.ts";
import { measureFirstOpen } from "./first-open.ts";
import { measureLoad } from "./load.ts";
import { measurePoolLeak } from "./pool-leak.ts";
import { measurePooledStart } from "./pooled-start.ts";
import { measureRoundTrip } from "./round-trip.ts";
import { measureSession } from "./session.ts";
import type { Measure } from "./setting.ts";
import { measureStop } from "./stop.ts";

export const measures: { readonly [K in BackendJobKind]: Measure } = {
  "first-open": measureFirstOpen,
  session: measureSession,
  "round-trip": measureRoundTrip,
  stop: measureStop,
  load: measureLoad,
  "pooled-start": measurePooledStart,
  "pool-leak": measurePoolLeak,
  "egress-trip": measureEgressTrip,
};
