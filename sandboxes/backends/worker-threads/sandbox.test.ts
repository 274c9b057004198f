import { describeConformance } from "../../checks/conformance/describe.ts";
import { expectedFailuresOf } from "../../checks/expected-failures.ts";
import { workerThreads } from "./sandbox.ts";

await describeConformance(workerThreads, expectedFailuresOf("worker-threads"));
