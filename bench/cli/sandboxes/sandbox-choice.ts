/** Which backends and executors a command is about. Both are named alike. */

import { select } from "../../../contract/flags/selection.ts";
import type { Executor, Registries, Sandbox, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { floorId, type UnavailableSandbox } from "../../../contract/sandbox-measurement.ts";
import { noEgress } from "../../../sandboxes/host/egress/session.ts";
import { disposeQuietly, makeAvailable } from "../../run/make-available.ts";

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
 * `withFloor`: null comes last beside any backend, whether it is named or not, unless it is left out by name; otherwise
 * it is never chosen.
 *
 * Rejects with UNKNOWN_ID, NOTHING_TO_PLAY, and SANDBOX_UNAVAILABLE for one that was named; nothing is left open then.
 */
export async function chooseSandboxes(
  { sandboxes, executors }: Pick<Registries, "sandboxes" | "executors">,
  { wanted, withFloor }: { readonly wanted: readonly string[]; readonly withFloor: boolean },
  host: SandboxHost,
): Promise<ChosenSandboxes> {
  const ids = [...sandboxes.ids, ...executors.ids];
  const selected = select("sandbox", wanted, { ...sandboxes, ids, defaults: ids });
  const backends = selected.filter((id) => sandboxes.ids.includes(id));
  const hasFloor = withFloor && backends.length > 0 && sandboxes.ids.includes(floorId) && !wanted.includes(`!${floorId}`);
  const ordered = [...backends.filter((id) => id !== floorId), ...(hasFloor ? [floorId] : [])];
  const { available, unavailable } = await makeAvailable(sandboxes, ordered, { wanted, host });
  try {
    const chosen = selected.filter((id) => executors.ids.includes(id));
    const others = await makeAvailable(executors, chosen, { wanted, host });
    return {
      available: available.map(({ id, factory, made }) => ({ id, factory, sandbox: made })),
      unavailable,
      executors: { available: others.available.map(({ made }) => made), unavailable: others.unavailable },
    };
  } catch (error) {
    await disposeQuietly(available.map(({ made }) => made));
    throw error;
  }
}

/** Those whose sessions can have egress, and the floor. Throws NO_EGRESS for another that was named. */
export function withEgressAlone(chosen: ChosenSandboxes, wanted: readonly string[]): ChosenSandboxes {
  const { available, unavailable, executors } = chosen;
  const hasEgress = ({ id, sandbox }: ChosenSandboxes["available"][number]) => sandbox.egress === true || id === floorId;
  const others = [...available.filter((one) => !hasEgress(one)), ...executors.available].map(({ id }) => id);
  for (const id of others) if (wanted.includes(id)) throw noEgress(id);
  const left = others.map((id) => ({ id, reason: "it has no egress", fix: "Measure it without --egress." }));
  return {
    available: available.filter(hasEgress),
    unavailable: [...unavailable, ...left],
    executors: { available: [], unavailable: executors.unavailable },
  };
}
