import { describeConformance } from "../../checks/conformance/describe.ts";
import { expectedFailuresOf } from "../../checks/expected-failures.ts";
import { vm2 } from "./sandbox.ts";

await describeConformance(vm2, expectedFailuresOf("vm2"));
