/** The system texts. What every mode says is one constant, so that no mode's saving comes from a shorter greeting. */
import type { ServerInstructions, SystemBlock } from "../../../../contract/index.ts";

const baseSystem =
  "You are an agent that carries out tasks with the tools of connected MCP servers. " +
  "Do exactly what is asked, change nothing else, and finish with the answer in the form that the task asks for.";

/** The code modes' own text: counted like everything else. */
const codeSystem = `${baseSystem}

You work by writing TypeScript programs and running them with execute_code. The connected servers are a read-only file tree below /workspace: servers/<server>/<tool>.ts exports one async function a tool, with typed input and result. List folders and read files to find what you need, then import it, for example:
import { get_item } from "./servers/shop/get_item.ts";
Programs are ES modules with top-level await, run in /workspace. They have node:fs/promises (readFile, writeFile, readdir, mkdir, stat), console, timers, TextEncoder, TextDecoder, URL and structuredClone, and nothing else; there is no network. Files that you write stay for later programs. You see only what a program prints, so print only what you need.`;

/** What an agent has to know that promises to be back in time. */
export function wallTimeText(wallTimeMs: number): string {
  return `\nA program may run for ${wallTimeMs / 1000} seconds, waits included. One that needs longer returns in time, and the next goes on.`;
}

/** A mode's own text, then what each server says of itself: clients put that into the system text, whatever the mode. */
export function systemBlocks(
  mode: "direct" | "code",
  instructions: readonly ServerInstructions[],
  more = "",
): readonly SystemBlock[] {
  return [
    { cause: "system", text: (mode === "direct" ? baseSystem : codeSystem) + more },
    ...instructions.map(({ server, text }): SystemBlock => ({ cause: "instructions", server, text })),
  ];
}

export const executeCodeTool = {
  name: "execute_code",
  description: "Run a TypeScript program in the sandbox and return what it printed, or its error.",
  input_schema: {
    type: "object",
    properties: { code: { type: "string", description: "The program's source text" } },
    required: ["code"],
  },
} as const;
