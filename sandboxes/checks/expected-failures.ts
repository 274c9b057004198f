/** What subjects are known to fail: each must be a check that it is asked, and must fail. */
import { closest } from "fastest-levenshtein";
import type { ExpectedFailure, Sandbox } from "../../contract/index.ts";
import { checksOf } from "./checks.ts";
import type { ConformanceCheck, ConformanceContext } from "./conformance/context.ts";

const heapOnly: ExpectedFailure = {
  check: "memory-buffers",
  reason: "a worker's heap limit does not count buffers, and nothing else limits a thread",
};
const hostFrames: ExpectedFailure = {
  check: "host-paths",
  reason: "the guest's stacks go on into the code that called it in the same thread",
};
const noFrames = "vm2 takes the frames of evaluated code out of every stack";
const allOfNode = "a plain worker has everything that Node puts there, which is what it is compared for";

const oneRealm = (what: string): ExpectedFailure => ({
  check: "replaced-built-ins",
  reason: `${what} has one realm, so that its runner is made of the built-ins that the program replaces`,
});

const longProgram: ExpectedFailure = {
  check: "big-program",
  reason: "an isolate of workerd cannot compile, and the host compiles no program of more than a million characters",
};

/** Of the backends and executors of this repository, by id. */
const known: { readonly [id: string]: readonly ExpectedFailure[] } = {
  "node-vm": [heapOnly, hostFrames],
  vm2: [
    heapOnly,
    { check: "same-text", reason: noFrames },
    { check: "thrown-error", reason: noFrames },
    { check: "lone-surrogates", reason: noFrames },
    { check: "tool-error", reason: noFrames },
    { check: "deep-recursion", reason: noFrames },
    { check: "late-error", reason: "vm2 listens to every promise itself, so that a rejection is never unhandled" },
    { check: "hostile-errors", reason: "vm2's realm has no Proxy" },
    { check: "big-file", reason: "vm2 hands the host a Proxy for a typed array, which holds no bytes" },
    { check: "replaced-built-ins", reason: "vm2 lets no program replace the methods of its promises" },
  ],
  workerd: [oneRealm("a worker of workerd"), longProgram],
  "workerd-process": [oneRealm("a worker of workerd"), longProgram],
  "worker-threads": [
    heapOnly,
    hostFrames,
    oneRealm("a plain worker"),
    { check: "guest-globals", reason: allOfNode },
    { check: "same-text", reason: allOfNode },
  ],
  deno: [
    {
      check: "same-refusals",
      reason: "Deno takes the types off with a parser of its own, which words and places what it cannot read itself",
    },
  ],
  pyodide: [
    {
      check: "crash",
      reason: "a signal within WebAssembly stops the interpreter where it is, and only says that it was aborted",
    },
  ],
  subprocess: [
    { check: "memory-buffers", reason: "V8's heap limit does not count buffers, and nothing else limits a plain process" },
    {
      check: "next-program",
      reason: "a process that a program starts in a session of its own is any other process of the host, and nothing ends it",
    },
  ],
  "cloudflare-codemode": [
    {
      check: "busy-loop",
      reason:
        "its time-out is a timer in the isolate that the loop keeps busy; Cloudflare's platform has CPU limits, workerd alone has none",
    },
  ],
  "just-bash": [
    {
      check: "concurrent-calls",
      reason: "a tool call stops its QuickJS until the answer is there, so that calls of one program follow each other",
    },
  ],
};

export const expectedFailuresOf = (id: string): readonly ExpectedFailure[] => (Object.hasOwn(known, id) ? known[id] : []) ?? [];

/** Ids of those that have any. */
export const knownToFail: readonly string[] = Object.keys(known);

/** One line for each that names no check of the backend's languages, or one of a limit that the backend declares. */
export function mistakesIn(
  expectedFailures: readonly ExpectedFailure[],
  { enforces, languages }: Pick<Sandbox, "enforces" | "languages">,
): string[] {
  return expectedFailures.flatMap(({ check: id, language }) => {
    const checks = languages.filter((one) => language === undefined || one === language).flatMap((one) => checksOf[one]);
    const named = checks.filter((check) => check.id === id);
    if (named.length === 0) {
      const ids = checks.map((check) => check.id);
      const hint = ids.length === 0 ? `the backend has no ${language}` : `did you mean ${closest(id, ids)}?`;
      return [`there is no check ${id}${language === undefined ? "" : ` of ${language}`}; ${hint}`];
    }
    const declared = named.find(({ limit }) => limit !== undefined && enforces.includes(limit))?.limit;
    return declared === undefined
      ? []
      : [`${id} is of the limit ${declared}, which the backend declares: enforce it, or take ${declared} out of enforces`];
  });
}

/** Rejects if the check passes. */
export async function failsAsExpected(check: ConformanceCheck, context: ConformanceContext): Promise<void> {
  const passed = await check.run(context).then(
    () => true,
    () => false,
  );
  if (passed) throw new Error(`${check.id} passed: remove it from the expected failures`);
}
