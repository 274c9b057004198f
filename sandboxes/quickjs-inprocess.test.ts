import { describeConformance } from "./conformance/describe.ts";
import { quickjsInprocess } from "./quickjs-inprocess.ts";

await describeConformance(quickjsInprocess);
