/** The one place where backends and executors are made: those that were named, or every one that can run here. */

import { isNamed } from "../../contract/flags/selection.ts";
import { type Availability, BenchError, type Registry, type SandboxHost } from "../../contract/index.ts";
import type { UnavailableSandbox } from "../../contract/sandbox-measurement.ts";

/** What is made: a backend, or an executor of another project. */
interface Subject {
  available(): Promise<Availability>;
  sweep?(): Promise<void>;
  dispose(): Promise<void>;
}

export interface MakeOptions<T> {
  /** As given on a command line: one that is named here itself has to be available. */
  readonly wanted: readonly string[];
  readonly host: SandboxHost;
  /** Asked in place of `available` itself. What it throws ends the choice. */
  readonly available?: (made: T, isNamed: boolean) => Promise<Availability>;
}

export interface Made<T> {
  /** Swept. The caller disposes of them. */
  readonly available: readonly { readonly id: string; readonly factory: (host: SandboxHost) => T; readonly made: T }[];
  readonly unavailable: readonly UnavailableSandbox[];
}

/** In the order of `ids`. Rejects with SANDBOX_UNAVAILABLE for one that was named; nothing is left open then. */
export async function makeAvailable<T extends Subject>(
  from: Registry<(host: SandboxHost) => T>,
  ids: readonly string[],
  { wanted, host, available: ask = (made) => made.available() }: MakeOptions<T>,
): Promise<Made<T>> {
  const open = new Set<T>();
  const available: Made<T>["available"][number][] = [];
  const unavailable: UnavailableSandbox[] = [];
  try {
    for (const id of ids) {
      const factory = await from.load(id);
      const made = factory(host);
      open.add(made);
      const availability = await ask(made, isNamed(wanted, id));
      if (availability.status === "available") {
        await made.sweep?.();
        available.push({ id, factory, made });
        continue;
      }
      const { reason, fix } = availability;
      if (isNamed(wanted, id)) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix });
      unavailable.push({ id, reason, fix });
      open.delete(made);
      await made.dispose();
    }
    return { available, unavailable };
  } catch (error) {
    await disposeQuietly([...open]);
    throw error;
  }
}

/** For when something has failed already: that is reported, not what disposing ends with. */
export async function disposeQuietly(all: readonly Pick<Subject, "dispose">[]): Promise<void> {
  await Promise.allSettled(all.map((one) => one.dispose()));
}
