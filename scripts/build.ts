/**
 * Builds `dist/`, which is what the published package runs: Node strips no types under node_modules. The layout is the
 * sources' own, so that a file beside another is found there by the same relative URL.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { publishedVocabulary, shippedFile, vocabularyIds } from "../bench/tokens/counters/vocabulary.ts";
import { buildRunner } from "../sandboxes/host/runner/bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/**
 * Programs that a scripted model writes. Their bytes are what is counted, so they are copied and never compiled: the
 * installed package has to give the same figures as the repository, to the token.
 */
const programs = ["scenarios/*/programs/*", "bench/play/modes/code-execution/discovery/*"];

/** The runner that carries Python programs. */
const python = ["sandboxes/runner/python/**/*.py"];

/** The guest's own global, for the type check of programs; the compiler emits nothing for a declaration file. */
const declarations = ["sandboxes/guest/guest-globals.d.ts"];

function compile(): void {
  const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
  const { status } = spawnSync(execPath, [tsc, "-p", join(root, "scripts/tsconfig.build.json")], { stdio: "inherit" });
  if (status !== 0) throw new Error("The sources do not compile: see the messages above.");
}

function copyAsTheyAre(): void {
  for (const file of globSync([...programs, ...python, ...declarations], { cwd: root }))
    cpSync(join(root, file), join(dist, file));
}

/** Of the packages that publish them, some 25 MB, nothing else is used. */
function writeVocabularies(): void {
  const counters = join(dist, "bench/tokens/counters");
  mkdirSync(join(counters, "vocabularies"));
  for (const id of vocabularyIds) writeFileSync(join(counters, shippedFile(id)), JSON.stringify(publishedVocabulary(id)));
  cpSync(join(root, "scripts/vocabulary-licences.txt"), join(counters, "vocabularies/LICENCES.txt"));
}

rmSync(dist, { recursive: true, force: true });
compile();
copyAsTheyAre();
writeVocabularies();
writeFileSync(join(dist, "sandboxes/host/runner/runner.bundle.cjs"), await buildRunner());
