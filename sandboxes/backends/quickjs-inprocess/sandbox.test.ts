import { describeConformance } from "../../checks/conformance/describe.ts";
import { quickjsInprocess } from "./sandbox.ts";

await describeConformance(quickjsInprocess);
