/**
 * `golden.json` is what the default backend of each language shows. It is written by
 * `npx vitest run sandboxes/checks/conformance/same-text -u`, and its changes are to be read.
 */
import { afterAll, expect, test } from "vitest";
import type { Language, SandboxFactory } from "../../../../contract/index.ts";
import { pyodide } from "../../../backends/pyodide/sandbox.ts";
import { quickjs } from "../../../backends/quickjs/sandbox.ts";
import { testSandbox } from "../describe.ts";
import { playCorpus, type Shown, shownOf } from "./corpus.ts";
import { javascriptPrograms, refusedPrograms } from "./javascript.ts";
import type { CorpusProgram } from "./program.ts";
import { pythonPrograms } from "./python.ts";

const backends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const dispose of backends) await dispose();
});

async function shownBy(factory: SandboxFactory, language: Language, programs: readonly CorpusProgram[]) {
  const { sandbox, dispose } = testSandbox(factory);
  backends.push(dispose);
  const shown: Record<string, Shown> = {};
  for await (const [id, outcome] of playCorpus({ sandbox }, language, programs)) shown[id] = shownOf(outcome);
  return shown;
}

test("golden.json is what quickjs and pyodide show", async () => {
  const golden = {
    javascript: await shownBy(quickjs, "javascript", [...javascriptPrograms, ...refusedPrograms]),
    python: await shownBy(pyodide, "python", pythonPrograms),
  };
  // Lists of names on one line, as the formatter wants them.
  const text = JSON.stringify(golden, null, 2).replaceAll(
    /\[\n\s+([^[\]]*?)\n\s+\]/g,
    (_, items: string) => `[${items.split(/\n\s*/).join(" ")}]`,
  );
  await expect(`${text}\n`).toMatchFileSnapshot("./golden.json");
});
