/** Which backends and executors a command is about, made and swept: those that were named, or every one that can run here. */

import {
  type Availability,
  BenchError,
  type Executor,
  type Registries,
  type Registry,
  type Sandbox,
  type SandboxFactory,
  type SandboxHost,
} from "../../../contract/index.ts";
import { floorId, type UnavailableSandbox } from "../../../contract/sandbox-measurement.ts";
import { isNamed, select } from "../../run/selection.ts";

export interface ChosenSandboxes {
  /** The caller disposes of them. */
  readonly available: readonly { readonly id: string; readonly factory: SandboxFactory; readonly sandbox: Sandbox }[];
  readonly unavailable: readonly UnavailableSandbox[];
  /** Executors of other projects, which the caller disposes of too. */
  readonly executors: {
    readonly available: readonly Executor[];
    readonly unavailable: readonly UnavailableSandbox[];
  };
}

/**
 * Backends and executors are named alike. `withFloor`: null comes last beside any backend, whether it is named or not, unless
 * it is left out by name; otherwise it is never chosen.
 *
 * Rejects with UNKNOWN_ID, NOTHING_TO_PLAY, and SANDBOX_UNAVAILABLE for one that was named; nothing is left open then.
 */
export async function chooseSandboxes(
  { sandboxes, executors }: Pick<Registries, "sandboxes" | "executors">,
  { wanted, withFloor }: { readonly wanted: readonly string[]; readonly withFloor: boolean },
  host: SandboxHost,
): Promise<ChosenSandboxes> {
  const ids = [...sandboxes.ids, ...executors.ids];
  const selected = select("sandbox", wanted, { ids, defaults: ids });
  const backends = selected.filter((id) => sandboxes.ids.includes(id));
  const hasFloor = withFloor && backends.length > 0 && sandboxes.ids.includes(floorId) && !wanted.includes(`!${floorId}`);
  const made: { dispose(): Promise<void> }[] = [];
  const make = <T extends Subject>(from: Registry<(host: SandboxHost) => T>, those: readonly string[]) =>
    makeAvailable(from, those, { wanted, host, made });
  try {
    const ordered = [...backends.filter((id) => id !== floorId), ...(hasFloor ? [floorId] : [])];
    const { available, unavailable } = await make(sandboxes, ordered);
    for (const { subject } of available) await subject.sweep();
    const others = await make(
      executors,
      selected.filter((id) => executors.ids.includes(id)),
    );
    return {
      available: available.map(({ id, factory, subject }) => ({ id, factory, sandbox: subject })),
      unavailable,
      executors: { available: others.available.map(({ subject }) => subject), unavailable: others.unavailable },
    };
  } catch (error) {
    // What ended it is told, not what disposing of the rest ends with.
    await Promise.allSettled(made.map((one) => one.dispose()));
    throw error;
  }
}

interface Subject {
  available(): Promise<Availability>;
  dispose(): Promise<void>;
}

/** `made`: where each one is noted before anything can fail. */
async function makeAvailable<T extends Subject>(
  from: Registry<(host: SandboxHost) => T>,
  ids: readonly string[],
  {
    wanted,
    host,
    made,
  }: { readonly wanted: readonly string[]; readonly host: SandboxHost; readonly made: { dispose(): Promise<void> }[] },
) {
  const available: { readonly id: string; readonly factory: (host: SandboxHost) => T; readonly subject: T }[] = [];
  const unavailable: UnavailableSandbox[] = [];
  for (const id of ids) {
    const factory = await from.load(id);
    const subject = factory(host);
    made.push(subject);
    const availability = await subject.available();
    if (availability.status === "available") {
      available.push({ id, factory, subject });
      continue;
    }
    await subject.dispose();
    const { reason, fix } = availability;
    if (isNamed(wanted, id)) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix });
    unavailable.push({ id, reason, fix });
  }
  return { available, unavailable };
}
