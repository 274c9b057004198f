/**
 * Entry of the guest runtime: gives programs their globals and runs one program to its end. A program ends as in Node:
 * when its module is evaluated and nothing is left to happen. An error that nobody caught ends the run at once.
 */
import { callsInFlight, callTool, settleCall } from "./call-tool.ts";
import { guestConsole } from "./console.ts";
import "./fs-promises.ts";
import { type Guest, turns } from "./contract.ts";
import { host } from "./host.ts";
import { installLocale } from "./locale.ts";
import { describeThrown } from "./thrown.ts";
import { passTime, runTimer, startClock, timerGlobals, timersWaiting, timeToSkip } from "./timers.ts";
import { completeUrl } from "./url.ts";

/** Taken now: a program may change the host's functions later. */
const importModule = host.importModule ?? ((url: string) => import(url));
let evaluated = false;
let finished = false;
/** Milliseconds that the host was asked to let pass; 0: none. */
let asked = 0;

Error.stackTraceLimit = 100;
installLocale();
completeUrl();
for (const [name, value] of Object.entries({ console: guestConsole, callTool, ...timerGlobals })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function returned(): void {
  finished = true;
  host.finish(false, "", "", "");
}

function fail(reason: unknown): void {
  if (finished) return;
  finished = true;
  const { name, message, stack } = describeThrown(reason);
  host.finish(true, name, message, stack);
}

/** Awaits, which a program that replaces `then` does not change. */
async function evaluate(url: string): Promise<void> {
  try {
    await importModule(url);
    evaluated = true;
  } catch (error) {
    fail(error);
  }
}

export const guest: Guest = {
  start(file, virtualTime) {
    startClock(virtualTime);
    void evaluate(`workspace:/${encodeURI(file)}`);
  },
  reply: settleCall,
  fail,
  waited() {
    passTime(asked);
    asked = 0;
  },
  turn(quiet) {
    if (finished) return turns.finished;
    let next: number;
    try {
      next = runTimer();
    } catch (error) {
      fail(error);
      return turns.finished;
    }
    if (next !== turns.waiting) return next;
    if (!quiet || callsInFlight() > 0 || asked > 0) return turns.waiting;
    asked = timeToSkip();
    if (asked > 0) {
      host.wait(asked);
      return turns.waiting;
    }
    if (timersWaiting() > 0) return turns.waiting;
    if (evaluated) returned();
    else fail(new Error("The program awaits something that can never happen"));
    return turns.finished;
  },
};
