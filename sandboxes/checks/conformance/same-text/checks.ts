/** Whether a backend's programs show the same bytes as the default backend's: a backend of anyone's is held to `golden.json`. */
import type { Language } from "../../../../contract/index.ts";
import type { ConformanceCheck, ConformanceContext } from "../context.ts";
import { told, want, wantSame } from "../wanted.ts";
import { playCorpus, type Shown, shownOf } from "./corpus.ts";
import goldenTexts from "./golden.json" with { type: "json" };
import { engineWorded, javascriptPrograms, refusedPrograms } from "./javascript.ts";
import type { CorpusProgram } from "./program.ts";
import { pythonPrograms } from "./python.ts";

const golden = goldenTexts as unknown as Readonly<Record<Language, Readonly<Record<string, Shown>>>>;

async function showTheSame(context: ConformanceContext, language: Language, programs: readonly CorpusProgram[]): Promise<void> {
  for await (const [id, outcome] of playCorpus(context, language, programs)) {
    const { text, ...seen } = shownOf(outcome);
    const { text: wantedText, ...wanted } = golden[language][id] ?? {};
    wantSame(`the text of program ${id}`, text, wantedText);
    wantSame(`what program ${id} did`, seen, wanted);
  }
}

const title = "a corpus of programs shows the same bytes as on every backend of the language, and is seen to use the same";

export const javascriptSameText: readonly ConformanceCheck[] = [
  { id: "same-text", title, run: (context) => showTheSame(context, "javascript", javascriptPrograms) },
  {
    id: "same-refusals",
    title: "programs and imports that are refused show the same bytes as on every backend of the language",
    run: (context) => showTheSame(context, "javascript", refusedPrograms),
  },
  {
    id: "engine-errors",
    title: "errors that engines word or place themselves end the program as thrown",
    async run(context) {
      for await (const [id, outcome] of playCorpus(context, "javascript", engineWorded))
        want(outcome.status === "threw", `wanted: program ${id} throws; ${told(outcome)}`);
    },
  },
];

export const pythonSameText: readonly ConformanceCheck[] = [
  { id: "same-text", title, run: (context) => showTheSame(context, "python", pythonPrograms) },
];
