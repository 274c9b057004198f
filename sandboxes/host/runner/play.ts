/** One program, as the host sees it: what it prints, its calls and waits, its limits, and its end. */
import type { Activity, BenchError, Program, RunOptions } from "../../../contract/index.ts";
import type { RunEnd } from "../../wire/messages.ts";
import { type KeptOutput, outputBuffer } from "../../wire/output.ts";
import type { FileActivity } from "../../workspace/workspace.ts";
import type { RunVerdict } from "../session/outcome.ts";
import { guardRun } from "../session/run-guard.ts";
import { boxFailure, type RunnerBox, type RunnerConnection, type RunnerEnd } from "./box.ts";
import { runCalls } from "./calls.ts";
import { ownSignal } from "./own-signal.ts";

export interface PlayOptions {
  readonly sandbox: string;
  readonly box: Pick<RunnerBox, "isApart" | "graceMs">;
  readonly runner: RunnerConnection;
  readonly program: Program;
  readonly javascript: readonly (readonly [string, string])[];
  readonly limits: RunOptions;
  readonly memoryBytes: number;
  /** Milliseconds in which the program has to begin. */
  readonly startMs: number;
}

export interface PlayResult {
  readonly verdict: RunVerdict | BenchError;
  /** The runner must not be used again. */
  readonly isBroken: boolean;
  readonly output: KeptOutput;
  readonly activity: Activity;
}

/** Longest virtual wait, in milliseconds: a timer's. */
const mostWaitMs = 2 ** 31;

export function play(options: PlayOptions): { readonly result: Promise<PlayResult>; abort(): void } {
  const { sandbox, box, runner, program, javascript, limits, memoryBytes, startMs } = options;
  const { wallTimeMs, outputBytes, virtualTime } = limits;
  const output = outputBuffer(outputBytes);
  const ending = new AbortController();
  const settled = Promise.withResolvers<RunVerdict | BenchError>();
  let over = false;
  let started = false;
  let isBroken = false;
  let files: FileActivity = { read: [], wrote: [] };
  let virtualWaitMs = 0;

  const settle = (verdict: RunVerdict | BenchError) => {
    if (over) return;
    over = true;
    ending.abort();
    settled.resolve(verdict);
  };
  const stop = (limit: "wallTime" | "aborted") => {
    const late = limit === "wallTime" && !started;
    settle(late ? boxFailure(sandbox, `a program did not begin in ${startMs} ms`) : { status: "limit-exceeded", limit });
  };
  const broken = () => {
    isBroken = true;
    settle(ownEnd("The program broke the channel of its process"));
  };
  const overMemory = () => settle({ status: "limit-exceeded", limit: "memory" });
  const calls = runCalls({
    bridge: limits.bridge,
    signal: ending.signal,
    memoryBytes,
    overMemory,
    reply(reply) {
      runner.send({ type: "reply", ...reply });
      // Results that a guest does not take wait in the host's memory, and count as its own.
      if ((runner.unsentBytes?.() ?? 0) > memoryBytes) overMemory();
    },
  });

  const wait = (milliseconds: number) => {
    if (!virtualTime || !(milliseconds > 0 && milliseconds <= mostWaitMs)) return broken();
    // Without the noise of binary fractions.
    virtualWaitMs = Math.round((virtualWaitMs + milliseconds) * 1e6) / 1e6;
    runner.send({ type: "waited" });
  };
  const done = (end: RunEnd) => {
    if (end.status === "returned" || end.status === "threw") return settle(end);
    // Only who stands apart from the guest can know.
    if (box.isApart !== true) return broken();
    settle(end.status === "broken" ? boxFailure(sandbox, end.reason) : end);
  };
  runner.listen((message) => {
    if (over) return;
    if (message === "broken") return broken();
    if (message.type === "started" && !started) {
      started = true;
      unguard();
      unguard = guardRun(limits, box.graceMs ?? 0, stop);
    } else if (message.type === "output") {
      if (!output.add(message.text)) settle({ status: "limit-exceeded", limit: "output" });
    } else if (message.type === "calls") {
      if (!calls.take(message.calls, message.more)) broken();
    } else if (message.type === "wait") wait(message.milliseconds);
    else if (message.type === "done") {
      files = message.files;
      done(message.end);
    }
  });
  void runner.ended.then((end) => settle(verdictOf(sandbox, end, started)));
  let unguard = guardRun({ ...limits, wallTimeMs: startMs }, 0, stop);
  if (!over) runner.send({ type: "run", program, javascript, wallTimeMs, outputBytes, virtualTime });

  return {
    abort: () => stop("aborted"),
    result: settled.promise.then((verdict) => {
      unguard();
      runner.listen(() => undefined);
      const filesReportedBy = box.isApart === true ? "host" : "guest";
      const activity = { filesReportedBy, ...files, ...calls.counts, virtualWaitMs } as const;
      return { verdict, isBroken, output: { text: output.take(), cut: output.isCut() }, activity };
    }),
  };
}

/** The last words of V8, in Node's wording and in its own. */
const gaveUp = /heap out of memory|JavaScript out of memory/;
const ownEnd = (message: string): RunVerdict => ({ status: "threw", thrown: { name: "Error", message, stack: "" } });

/** A process that ended without a report: by its program, by its memory, or by somebody else. */
function verdictOf(sandbox: string, end: RunnerEnd, started: boolean): RunVerdict | BenchError {
  if (!started) return boxFailure(sandbox, `its process ended before the program began: ${end.errorText}`);
  if (end.outOfMemory || gaveUp.test(end.errorText)) return { status: "limit-exceeded", limit: "memory" };
  const signal = ownSignal(end);
  if (signal !== undefined) return ownEnd(`The program ended its process with ${signal}`);
  if (end.code !== null) return ownEnd(`The program ended its process with code ${end.code}`);
  return boxFailure(sandbox, `its process was ended by ${end.signal ?? "something unknown"}`);
}
