/** Which tool names a model's API would refuse. They are counted all the same, so that such a server has figures too. */
import type { RefusedTools, ToolDefinition } from "../../contract/index.ts";

/** What the Messages API takes as `tools[].name`. */
const acceptedName = /^[a-zA-Z0-9_-]{1,128}$/;
/** Examples kept of each server, and characters of each: the names are the server's text. */
const shownExamples = 3;
const shownCharacters = 140;

/** `tools`: those of one server. */
export function refusedTools(tools: readonly ToolDefinition[]): RefusedTools {
  const names = tools.map(({ server, name }) => `${server}__${name}`).filter((name) => !acceptedName.test(name));
  const shorten = (name: string) => (name.length <= shownCharacters ? name : `${name.slice(0, shownCharacters)}...`);
  return { tools: names.length, examples: names.slice(0, shownExamples).map((name) => shorten(name).toWellFormed()) };
}
