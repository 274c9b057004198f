/**
 * Sandboxes of a user's configuration. What a factory makes is checked when it is made, because only then does it exist.
 * What its code throws is reported as an error of the configuration, with id and file: it is not a defect of this project.
 */
import { z } from "zod";
import {
  type Availability,
  BenchError,
  type EnforcedLimit,
  type Isolation,
  type Json,
  type Language,
  type Sandbox,
  type SandboxFactory,
} from "../../contract/index.ts";
import { firstProblem, fn, id, seeExtending, text } from "./shape.ts";

const isolation = z.enum({
  ...{ none: "none", interpreter: "interpreter", isolate: "isolate", process: "process", container: "container" },
  ...{ "user-space-kernel": "user-space-kernel", "virtual-machine": "virtual-machine", remote: "remote" },
} satisfies { readonly [I in Isolation]: I });
const language = z.enum({ javascript: "javascript", python: "python" } satisfies { readonly [L in Language]: L });
const limit = z.enum({
  ...{ wallTime: "wallTime", memory: "memory", output: "output", processes: "processes", disk: "disk" },
} satisfies { readonly [L in EnforcedLimit]: L });

const notJson = "expected JSON, because it is hashed";
/** `z.json()` takes no message. */
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)], notJson),
);

const sandbox = z.looseObject({
  ...{ id, title: text, isolation, control: z.boolean() },
  // A backend without languages or sessions would pass every check, because it would run none.
  languages: z.array(language).min(1, "expected at least one language"),
  enforces: z.array(limit),
  bridgeTransport: text,
  persists: z.looseObject({ files: z.boolean(), globals: z.array(language) }),
  version: text,
  sharesHostLoop: z.boolean().optional(),
  maxSessions: z.int("expected a whole number of sessions").min(1, "expected at least one session"),
  emulates: z.string("expected text, or null where nothing is emulated").min(1).nullable(),
  egress: z.boolean("expected true, or false where it cannot hold a guest to grants").optional(),
  configuration: z.record(z.string(), json, notJson),
  ...{ available: fn, open: fn, sweep: fn, dispose: fn },
} satisfies { readonly [Field in keyof Sandbox]: z.ZodType });

const availability = z.discriminatedUnion("status", [
  z.looseObject({ status: z.literal("available") }),
  z.looseObject({ status: z.literal("unavailable"), reason: text, fix: text }),
]);

/** The part of the contract that the code which threw has broken. */
const wanted = {
  "its factory": "It only makes the sandbox; what can be missing is for available() to find.",
  "available()": "It must return unavailable, with a reason and a fix.",
  "sweep()": "It must leave what it cannot remove, and not throw.",
  "dispose()": "It must end what it keeps, and not throw.",
} as const;

/**
 * Makes what `factory` makes. Throws CONFIG when that throws or is not a sandbox called `id`. `available`, `sweep` and
 * `dispose` of the result reject with CONFIG when they throw, and `available` also when it answers something else.
 */
export function ownSandbox(id: string, factory: SandboxFactory, file: string): SandboxFactory {
  const wrong = (problem: string, fix: string, cause?: unknown) =>
    new BenchError("CONFIG", { file, problem: `sandbox "${id}"${problem}`, fix }, { cause });
  const threw = (where: keyof typeof wanted, cause: unknown) =>
    wrong(` threw in ${where}: ${cause instanceof Error ? cause.message : String(cause)}`, wanted[where], cause);
  const told = async <T>(where: keyof typeof wanted, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (cause) {
      throw threw(where, cause);
    }
  };

  return (host) => {
    let made: Sandbox;
    try {
      made = factory(host);
    } catch (cause) {
      throw threw("its factory", cause);
    }
    if (made instanceof Promise) {
      // Nobody awaits it, so its rejection would end the process.
      made.catch(() => undefined);
      throw wrong(
        ": its factory returned a promise",
        "It must return the sandbox; what takes time belongs in available() or open().",
      );
    }
    const problem =
      firstProblem(sandbox, made, "what its factory returned") ?? (made.id === id ? undefined : `it calls itself "${made.id}"`);
    if (problem !== undefined) throw wrong(`: ${problem}`, seeExtending);

    const { title, isolation, control, languages, enforces, bridgeTransport, persists, maxSessions, emulates, configuration } =
      made;
    return {
      ...{ id, title, isolation, control, languages, enforces, bridgeTransport, persists, maxSessions, emulates, configuration },
      ...(made.sharesHostLoop === undefined ? {} : { sharesHostLoop: made.sharesHostLoop }),
      ...(made.egress === undefined ? {} : { egress: made.egress }),
      // Complete only after `available`.
      get version() {
        return made.version;
      },
      async available(): Promise<Availability> {
        const answer = await told("available()", () => made.available());
        const problem = firstProblem(availability, answer, "its answer");
        if (problem === undefined) return answer;
        throw wrong(
          `: available(): ${problem}`,
          'It must return { status: "available" }, or unavailable with a reason and a fix.',
        );
      },
      open: async (options) => made.open(options),
      sweep: () => told("sweep()", () => made.sweep()),
      dispose: () => told("dispose()", () => made.dispose()),
    };
  };
}
