/** The project's words as types, one file a concept. Read this folder first; it imports nothing of ours. */
export * from "./bridge.ts";
export * from "./errors.ts";
export * from "./json.ts";
export * from "./ledger.ts";
export * from "./message.ts";
export * from "./mode.ts";
export * from "./model.ts";
export * from "./plan.ts";
export * from "./profile.ts";
export * from "./record.ts";
export * from "./registry.ts";
export * from "./report.ts";
export * from "./run.ts";
export * from "./sandbox.ts";
export * from "./scenario.ts";
export * from "./server.ts";
export * from "./tool.ts";
