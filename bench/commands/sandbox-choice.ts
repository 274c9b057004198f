/** Which backends a command is about, made and swept: those that were named, or every one that can run here. */
import { floorId, type UnavailableSandbox } from "../sandbox-bench/sample.ts";
import { isNamed, select } from "../selection.ts";
import { BenchError, type Registries, type Sandbox, type SandboxFactory, type SandboxHost } from "../types/index.ts";

export interface ChosenSandboxes {
  /** The caller disposes of them. */
  readonly available: readonly { readonly id: string; readonly factory: SandboxFactory; readonly sandbox: Sandbox }[];
  readonly unavailable: readonly UnavailableSandbox[];
}

/**
 * `withFloor`: null comes last whether it is named or not, unless it is left out by name; otherwise it is never chosen.
 *
 * Rejects with UNKNOWN_ID, NOTHING_TO_PLAY, and SANDBOX_UNAVAILABLE for one that was named; nothing is left open then.
 */
export async function chooseSandboxes(
  sandboxes: Registries["sandboxes"],
  { wanted, withFloor }: { readonly wanted: readonly string[]; readonly withFloor: boolean },
  host: SandboxHost,
): Promise<ChosenSandboxes> {
  const selected = select("sandbox", wanted, { ids: sandboxes.ids, defaults: sandboxes.ids }).filter((id) => id !== floorId);
  const floor = withFloor && sandboxes.ids.includes(floorId) && !wanted.includes(`!${floorId}`) ? [floorId] : [];
  const available: ChosenSandboxes["available"][number][] = [];
  const unavailable: UnavailableSandbox[] = [];
  try {
    for (const id of [...selected, ...floor]) {
      const factory = await sandboxes.load(id);
      const sandbox = factory(host);
      const availability = await sandbox.available();
      if (availability.status === "available") {
        available.push({ id, factory, sandbox });
        await sandbox.sweep();
        continue;
      }
      await sandbox.dispose();
      const { reason, fix } = availability;
      if (isNamed(wanted, id)) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix });
      unavailable.push({ id, reason, fix });
    }
    return { available, unavailable };
  } catch (error) {
    await Promise.all(available.map(({ sandbox }) => sandbox.dispose()));
    throw error;
  }
}
