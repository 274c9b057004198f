/** Plays the conformance checks on a backend of the registry. */
import { describeConformance } from "../sandboxes/checks/conformance/describe.ts";
import { expectedFailuresOf } from "../sandboxes/checks/expected-failures.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";

/** Another way to open the same thing, too slow to be played whole a second time. */
export const sameAs: { readonly [id: string]: string } = { "qemu-cold": "qemu" };

/** Registers the tests of one backend, with what it is known to fail. Rejects with UNKNOWN_ID. */
export async function describeBackend(id: string): Promise<void> {
  await describeConformance(await sandboxRegistry.load(id), expectedFailuresOf(id));
}
