/** What a tool use was. A mode says it of every use that it carries out. */
export const useKinds = ["call", "program", "discovery", "search", "delegation", "command"] as const;
/**
 * `call`: a tool of a server, called by the model. `program`: a program that did more than look at definitions.
 * `discovery`: a program or command that only looked at definitions. `search`: a search for tools. `delegation`: work
 * handed to another agent. `command`: a server's command in a shell.
 */
export type UseKind = (typeof useKinds)[number];

/**
 * What a cell did with tools. It says whether the mode was exercised at all, and never enters a figure of tokens. Calls
 * are the host's count. Which programs only looked, and what they read, is the guest's own word on some backends.
 */
export interface Treatment {
  /** Tool uses by kind; kinds that did not occur are left out. */
  readonly uses: { readonly [K in UseKind]?: number };
  /** Calls through the bridge that programs or commands made. */
  readonly callsFromPrograms: number;
  /** Tool definitions that the model or its programs asked for one by one. */
  readonly definitionsFetched: number;
}

/** What has to have happened once for a mode to have been tried: uses of a kind, or calls from programs. */
export type TreatmentCounter = UseKind | "callsFromPrograms";

export function treatmentCount({ uses, callsFromPrograms }: Treatment, counter: TreatmentCounter): number {
  return counter === "callsFromPrograms" ? callsFromPrograms : (uses[counter] ?? 0);
}

/**
 * What a script's tool uses are for, by their ids, where its policy knows. A mode believes it before its own look at what a
 * program did. Other models say nothing of it.
 */
export interface Purposes {
  readonly [toolUseId: string]: Extract<UseKind, "discovery" | "program">;
}
