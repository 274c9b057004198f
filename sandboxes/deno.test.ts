import { describeConformance } from "./conformance/describe.ts";
import { deno } from "./deno.ts";

await describeConformance(deno);
