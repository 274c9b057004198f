/** What every backend must do, as vitest tests. What one cannot do is listed with its reason; a pass then fails the suite. */
import { describeConformance } from "mcp-code-bench/conformance";
import { ownNode } from "./own-node.ts";

await describeConformance(ownNode, [{ check: "memory-buffers", reason: "the heap has a limit, what lies outside it has none" }]);
