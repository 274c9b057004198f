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
import { runTimer, startClock, timerGlobals, timersWaiting, virtualWaitMs } from "./timers.ts";
import { completeUrl } from "./url.ts";

/** Taken now: a program may change the host's functions later. */
const importModule = host.importModule ?? ((url: string) => import(url));
let evaluated = false;
let finished = false;

Error.stackTraceLimit = 100;
installLocale();
completeUrl();
for (const [name, value] of Object.entries({ console: guestConsole, callTool, ...timerGlobals })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function returned(): void {
  finished = true;
  host.finish(false, "", "", "", virtualWaitMs());
}

function fail(reason: unknown): void {
  if (finished) return;
  finished = true;
  const { name, message, stack } = describeThrown(reason);
  host.finish(true, name, message, stack, virtualWaitMs());
}

export const guest: Guest = {
  start(file, virtualTime) {
    startClock(virtualTime);
    importModule(`workspace:/${encodeURI(file)}`).then(() => {
      evaluated = true;
    }, fail);
  },
  reply: settleCall,
  fail,
  turn(quiet) {
    if (finished) return turns.finished;
    let next: number;
    try {
      next = runTimer(quiet && callsInFlight() === 0);
    } catch (error) {
      fail(error);
      return turns.finished;
    }
    if (next !== turns.waiting) return next;
    if (!quiet || callsInFlight() > 0 || timersWaiting() > 0) return turns.waiting;
    if (evaluated) returned();
    else fail(new Error("The program awaits something that can never happen"));
    return turns.finished;
  },
};
