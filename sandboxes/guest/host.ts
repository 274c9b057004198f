/**
 * The seam between guest code and whatever carries it. Each backend puts a `GuestHost` on the global object before it
 * loads the prelude; this file takes it off again, so that programs never see it.
 */
import type { GuestHost } from "./contract.ts";

const scope = globalThis as { __guestHost?: GuestHost };
if (scope.__guestHost === undefined) throw new Error("guest code was loaded without a host");
export const host: GuestHost = scope.__guestHost;
delete scope.__guestHost;
