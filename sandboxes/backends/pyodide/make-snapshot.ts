/**
 * Writes the memory of an interpreter that has loaded the runner to standard output. It runs under the same flags as the
 * process of a session, and before any program is there.
 */
import { writeSync } from "node:fs";
import { argv, exit } from "node:process";
import { loadInterpreter } from "./interpreter.ts";
import type { InterpreterSettings } from "./protocol.ts";

const settings = JSON.parse(argv[2] ?? "{}") as InterpreterSettings;
const { python, loadRunner } = await loadInterpreter(settings, { _makeSnapshot: true });
loadRunner();
const memory = python.makeMemorySnapshot();
// A file takes them all, but a disk may be full.
for (let written = 0; written < memory.byteLength; ) written += writeSync(1, memory, written);
exit(0);
