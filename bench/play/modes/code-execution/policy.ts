/**
 * The scripted agent of the code modes: it finds the tools, looks at what returns it knows nothing of, and runs the
 * scenario's programs. How it goes about it is a policy of this file, never the scenario's.
 */
import { readFileSync } from "node:fs";
import {
  type AgentChoice,
  BenchError,
  type CodeScript,
  type NeededTool,
  type Scenario,
  type ScriptedAgent,
  type ScriptProgram,
  type ScriptResult,
  type ToolDefinition,
  type Turn,
} from "../../../../contract/index.ts";
import { folderName, readmePath } from "../../tree/tree.ts";
import { identifier } from "../../tree/typescript.ts";
import { type PlannedScript, type PlannedUse, playScript, translated, turnMaker } from "../script.ts";
import { fillProgram } from "./program.ts";
import { lookProgram, parsingText, wronglyImported } from "./program-edits.ts";
import { executeCodeTool } from "./prompt.ts";

/** How much of an error a message shows. */
const shownCharacters = 500;

type Turns = Generator<Turn, void, readonly ScriptResult[]>;

export const codeAgent: ScriptedAgent = function* (scenario, task, choice) {
  const makeTurn = turnMaker();
  const needs = scenario
    .needs(task)
    .map((need) => ({ ...need, declares: definitionOf(choice.tools, need).outputSchema !== undefined }));
  yield* succeeding(discoveryTurns(needs, choice, makeTurn));
  const unknown = needs.filter(({ declares, look }) => !declares && look !== undefined);
  yield* succeeding(lookTurns(unknown, makeTurn));

  const asText = needs.filter(({ declares, plainText }) => !declares && plainText === undefined);
  const toUse = (program: ScriptProgram) => {
    const source = programText(program.file, scenario.programs.href);
    // Edited before it is filled in: an edit touches no fact, and the file's syntax tree is the same in every cell.
    const code = fillProgram(
      editing(program.file, () => parsingText(source, asText)),
      program.values,
      program.file,
    );
    return { ...execute(code, program.file), ...(program.looks === undefined ? {} : { looks: program.looks }) };
  };
  const script = scriptOf(scenario, choice)(task, {
    declaresOutput: (server, tool) => definitionOf(choice.tools, { server, tool }).outputSchema !== undefined,
    wallTimeMs: choice.wallTimeMs,
  });
  const planned = translated(script, toUse);
  yield* playScript(scenario, task, choice.policy === "repair" ? failingFirst(planned) : planned, makeTurn);
};

function scriptOf({ id, code, codeReturning }: Scenario, { policy }: AgentChoice): CodeScript {
  if (policy !== "return-and-ask") return code;
  if (codeReturning !== undefined) return codeReturning;
  throw new BenchError("MODEL_SCRIPT", { problem: `${id} has no programs that return and are asked again` });
}

/**
 * It lists the servers, lists the folders of the needed ones, and reads the needed files: what the servers say of
 * themselves first, where that is a file. `thorough` reads every file of the needed servers instead.
 */
function* discoveryTurns(needs: readonly NeededTool[], { policy }: AgentChoice, makeTurn: ReturnType<typeof turnMaker>): Turns {
  const servers = [...new Set(needs.map(({ server }) => server))];
  const folders = servers.map((server) => `servers/${folderName(server)}`);
  yield makeTurn(undefined, [discover("list-servers", {})]);
  if (policy === "thorough") {
    yield makeTurn(undefined, [discover("read-folders", { folders })]);
    return;
  }
  const listed = yield makeTurn(undefined, [discover("list-folders", { folders })]);
  const shown = listed
    .map(({ text }) => text)
    .join("\n")
    .split("\n");
  const readmes = servers.filter((_, at) => shown[at]?.split(" ").includes("README.md")).map(readmePath);
  const files = needs.map(({ server, tool }) => `servers/${folderName(server)}/${identifier(tool)}.ts`);
  yield makeTurn(undefined, [discover("read-files", { files: [...readmes, ...files] })]);
}

function* lookTurns(tools: readonly NeededTool[], makeTurn: ReturnType<typeof turnMaker>): Turns {
  if (tools.length > 0) yield makeTurn(undefined, [execute(lookProgram(tools), `look ${names(tools)}`)]);
}

/** The turns as they are. A program of the agent's own that failed would be paid for, and found nothing out. */
function* succeeding(turns: Turns): Turns {
  let step = turns.next();
  while (step.done !== true) {
    const results = yield step.value;
    const failed = results.find(({ isError }) => isError);
    if (failed !== undefined) {
      const [label = "a look"] = Object.values(step.value.labels ?? {});
      throw new BenchError("MODEL_SCRIPT", { problem: `${label} failed: ${failed.text.slice(0, shownCharacters)}` });
    }
    step = turns.next(results);
  }
}

/** Throws MODEL_SCRIPT where no server offers the tool. */
function definitionOf(tools: readonly ToolDefinition[], { server, tool }: NeededTool): ToolDefinition {
  const found = tools.find((one) => one.server === server && one.name === tool);
  if (found !== undefined) return found;
  throw new BenchError("MODEL_SCRIPT", {
    problem: `it needs the tool ${tool} of the server ${server}, which is not connected or does not list it`,
  });
}

/** The first programs that do more than look once with a mistake, then as they are: the error has to be read, and costs a turn. */
function* failingFirst(script: PlannedScript): PlannedScript {
  let step = script.next();
  while (step.done !== true && step.value.uses.every(({ looks }) => looks)) step = script.next(yield step.value);
  if (step.done !== true) {
    const results = yield { ...step.value, uses: step.value.uses.map(wrong) };
    if (!results.every(({ isError }) => isError)) {
      throw new BenchError("MODEL_SCRIPT", { problem: "a program that was made wrong did not fail" });
    }
    step = script.next(yield { say: "The file has another name; I'll mend the import.", uses: step.value.uses });
  }
  while (step.done !== true) step = script.next(yield step.value);
  return step.value;
}

const wrong = ({ name, input, purpose = "program", label = "a program" }: PlannedUse): PlannedUse => ({
  name,
  purpose,
  input: { code: editing(label, () => wronglyImported(String(input.code))) },
  label: `wrong ${label}`,
});

/** Throws MODEL_SCRIPT, naming the file, where a program has no syntax tree or lacks what is to be edited. */
function editing(file: string, edit: () => string): string {
  try {
    return edit();
  } catch (cause) {
    const problem = `${file}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new BenchError("MODEL_SCRIPT", { problem }, { cause });
  }
}

/** Labelled with what it looks at: `read-files servers/slack/post_message.ts`. */
function discover(name: string, values: { readonly [list: string]: readonly string[] }): PlannedUse {
  const source = programText(`discovery/${name}.ts`, import.meta.url);
  const label = [name, ...Object.values(values).flat()].join(" ");
  return { ...execute(fillProgram(source, values, name), label), purpose: "discovery" };
}

const names = (tools: readonly NeededTool[]): string => tools.map(({ server, tool }) => `${server}/${tool}`).join(" ");

function execute(code: string, label: string): PlannedUse {
  return { name: executeCodeTool.name, input: { code }, label, purpose: "program" };
}

const texts = new Map<string, string>();

/** A program file's text, read once a process: a script is a synchronous generator, and the files do not change under it. */
function programText(file: string, from: string): string {
  const name = `${from} ${file}`;
  let text = texts.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(file, from), "utf8");
    texts.set(name, text);
  }
  return text;
}
