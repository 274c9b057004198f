/**
 * What is wrong with a tool use before anything is carried out, said to the model that made it. A script is not asked: a
 * mistake of a script is a defect of it, and ends its cell.
 */
import type { ModelTool, Shown, ToolUseBlock } from "../../contract/index.ts";
import { inputValidators } from "../servers/bridge/schema-validators.ts";

/** Characters of a model's or a schema's own words that a sentence quotes. */
const maxQuoted = 200;

/** Said of a turn with neither a tool use nor a word. */
export const emptyTurn = "Your turn was empty. Use a tool, or give the answer.";

/** A check for the tool uses of one conversation, in order; it remembers their ids. Its result is a sentence; `undefined`: nothing is wrong. */
export function misuses(): (use: ToolUseBlock, shown: Shown) => string | undefined {
  const ids = new Set<string>();
  return ({ id, name, input }, { tools }) => {
    if (ids.has(id)) return `The id "${cut(id)}" was used before. Give each tool use an id of its own.`;
    ids.add(id);
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) return `There is no tool "${cut(name)}". Use a tool that you were given.`;
    const problem = inputProblem(tool, input);
    return problem === undefined ? undefined : `The input of "${cut(name)}" cannot be used: ${problem}.`;
  };
}

function inputProblem({ input_schema: schema }: ModelTool, input: unknown): string | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return "it is not an object";
  const result = validatorOf(schema)?.(input);
  return result === undefined || result.valid ? undefined : cut(result.errorMessage);
}

/** `undefined` where the schema cannot be used: then the server judges the input. */
function validatorOf(schema: ModelTool["input_schema"]) {
  try {
    return inputValidators.getValidator(schema);
  } catch {
    return undefined;
  }
}

const cut = (text: string): string => (text.length > maxQuoted ? `${text.slice(0, maxQuoted)}...` : text);
