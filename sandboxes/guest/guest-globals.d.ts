/**
 * The one global of the guest API that is not also Node's, so that generated wrappers and programs type-check in a
 * project that has Node's types. Everything else that guests have (console, timers, TextEncoder, TextDecoder, URL,
 * structuredClone) is a subset of Node's own.
 */

/**
 * Calls a tool through the bridge. Resolves with the structured content that the tool sent, else with its text.
 * Rejects with an error named `ToolError` that carries the tool's text when the call did not succeed, and with a
 * `TypeError` when the input is not a JSON object.
 */
declare function callTool<T>(server: string, tool: string, input: object): Promise<T>;
