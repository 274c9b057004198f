/** The models, one line each. */
import { type ModelFactory, registry } from "../../../contract/index.ts";

export const modelRegistry = registry<ModelFactory>("model", {
  scripted: async () => (await import("./scripted.ts")).scripted,
});
