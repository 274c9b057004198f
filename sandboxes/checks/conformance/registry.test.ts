/**
 * Every backend of the registry keeps to the conformance checks. A backend whose own test file plays them does so there,
 * beside the others; any other is played here.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { floorId } from "../../../contract/sandbox-measurement.ts";
import { describeBackend, sameAs } from "../../../testing/conformance.ts";
import { sandboxRegistry } from "../../registry.ts";

const backends = fileURLToPath(new URL("../../backends/", import.meta.url));
const own = globSync(`${backends}/*/*.test.ts`).flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/^await describeBackend\("([^"]+)"\);$/gm)].map(([, id]) => id),
);

for (const id of sandboxRegistry.ids) {
  if (id === floorId) test.skip(`${id}: it runs no programs`, () => undefined);
  else if (sameAs[id] !== undefined) test.skip(`${id}: the same machine as ${sameAs[id]}, which is played`, () => undefined);
  else if (!own.includes(id)) await describeBackend(id);
}
