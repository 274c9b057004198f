/**
 * Timers, and the clock that programs see. In virtual time a timer completes at once when nothing else can happen, and
 * the clock jumps ahead by what was skipped; timers then keep to a clock of their own that only those jumps move, so
 * that a wait of 30 s is exactly 30,000 ms in every record.
 */
import { turns } from "./contract.ts";
import { withOwnMethods } from "./own-methods.ts";

interface Timer {
  readonly id: number;
  dueMs: number;
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: unknown[];
  /** `null`: fires once. */
  readonly everyMs: number | null;
}

const { apply } = Reflect;
const RealDate = Date;
const realDateNow = Date.now.bind(Date);
const realPerformanceNow = performance.now.bind(performance);

let virtual = false;
let skippedMs = 0;
let nextId = 1;
/** By due time, then by order of setting. */
const waiting: Timer[] = withOwnMethods([]);

const clockMs = () => (virtual ? skippedMs : realPerformanceNow());

function enqueue(timer: Timer): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((waiting[middle] as Timer).dueMs <= timer.dueMs) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, timer);
}

function add(callback: unknown, delay: unknown, args: unknown[], repeat: boolean): number {
  if (typeof callback !== "function") throw new TypeError("A timer needs a function to call");
  const asked = Math.trunc(Number(delay));
  const delayMs = asked > 0 && asked < 2 ** 31 ? asked : 0;
  // A repeating timer of 0 ms would never let virtual time pass.
  const everyMs = repeat ? Math.max(1, delayMs) : null;
  const timer: Timer = {
    id: nextId++,
    dueMs: clockMs() + (everyMs ?? delayMs),
    callback: callback as Timer["callback"],
    args,
    everyMs,
  };
  enqueue(timer);
  return timer.id;
}

function clear(id: unknown): void {
  const index = waiting.findIndex((timer) => timer.id === id);
  if (index >= 0) waiting.splice(index, 1);
}

export const timerGlobals = {
  setTimeout: (callback: unknown, delay?: unknown, ...args: unknown[]) => add(callback, delay, args, false),
  setInterval: (callback: unknown, delay?: unknown, ...args: unknown[]) => add(callback, delay, args, true),
  clearTimeout: clear,
  clearInterval: clear,
};

/** Makes `Date` and `performance` include the skipped time, and chooses how timers run. */
export function startClock(virtualTime: boolean): void {
  virtual = virtualTime;
  if (!virtualTime) return;
  const now = () => realDateNow() + skippedMs;
  RealDate.now = now;
  // No Proxy: there are realms without it.
  function SkippingDate(...args: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target);
  }
  Object.setPrototypeOf(SkippingDate, RealDate);
  Object.defineProperty(SkippingDate, "name", { value: "Date" });
  Object.defineProperty(SkippingDate, "length", { value: RealDate.length });
  Object.defineProperty(SkippingDate, "prototype", { value: RealDate.prototype, writable: false });
  RealDate.prototype.constructor = SkippingDate;
  globalThis.Date = SkippingDate as unknown as DateConstructor;
  const skippingPerformance = { timeOrigin: performance.timeOrigin, now: () => realPerformanceNow() + skippedMs };
  Object.defineProperty(globalThis, "performance", { value: skippingPerformance });
}

/** Milliseconds of virtual time until the earliest timer; 0: no time has to pass, or time is real. */
export const timeToSkip = () => (virtual && waiting[0] !== undefined ? waiting[0].dueMs - skippedMs : 0);

export function passTime(milliseconds: number): void {
  skippedMs += milliseconds;
}

/**
 * Calls the earliest timer if it is due. Returns `turns.again` when one was called, `turns.waiting` when nothing is to be
 * waited for here, else the milliseconds until the next one. Whatever the callback throws comes through.
 */
export function runTimer(): number {
  const timer = waiting[0];
  if (timer === undefined) return turns.waiting;
  const remainingMs = timer.dueMs - clockMs();
  if (remainingMs > 0) return virtual ? turns.waiting : Math.ceil(remainingMs);
  waiting.shift();
  if (timer.everyMs !== null) enqueue({ ...timer, dueMs: clockMs() + timer.everyMs });
  apply(timer.callback, undefined, timer.args);
  return turns.again;
}

export const timersWaiting = () => waiting.length;
