import { describeConformance } from "./describe-conformance.ts";
import { quickjs } from "./quickjs.ts";

describeConformance(quickjs);
