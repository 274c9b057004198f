/** What a tool use needs to know, and where it could have learned it. */

export type UseKind =
  /** `servers/<server>/<tool>.ts`, or a folder above it: imported, read or listed. */
  | "file"
  /** A name imported from such a file. */
  | "export"
  /** A module, a function or a global of the guest that is not the language's own. */
  | "platform"
  /** A property read from a value that the program did not make. */
  | "field"
  /** A key that a tool's input holds. */
  | "inputKey"
  /** A string that a tool's input holds. */
  | "inputText"
  /** A name by which content is looked up: a column, a key. */
  | "column"
  /** Any other string that is more than punctuation and is not just printed. */
  | "text"
  /** A cell's place in a row, where a column's name would do. */
  | "position"
  | "number"
  /** A tool, by its name in the request. */
  | "tool";

/** One thing that a program or a tool's input uses and has to know. */
export interface Use {
  readonly kind: UseKind;
  /** Numbers as decimal text. */
  readonly name: string;
  /** The line of the program, from 1; in an input the path of the key or leaf. */
  readonly at: number | string;
  /** The file (`servers/<server>/<tool>.ts`) or tool whose definition says more; absent where any will do. */
  readonly of?: string;
}

/** Where a use stands before the tool use that makes it. `definition`: one that was read, or that the request carries. */
export type Source = "listing" | "definition" | "system" | "prompt" | "result" | "own";

/** A use in its conversation. */
export interface JudgedUse extends Use {
  /** The tool use, as the transcript labels it. */
  readonly label: string;
  /** Absent: nothing that was shown says it. */
  readonly source?: Source;
}

const remedies: { readonly [K in UseKind]: string } = {
  file: "is imported or read, but no earlier result lists it. List its folder in an earlier turn.",
  export: "is imported, but no definition that was read exports it. Read its file in an earlier turn.",
  platform: "is neither the language's own nor named in the system text. Name it there, or do without it.",
  field: "is read from a value, but stands in no definition that was read and in no earlier result. Read or print it first.",
  inputKey:
    "is a key of a tool's input, but stands neither in its definition nor in an earlier result, nor in quotes in the prompt.",
  inputText:
    "is given to a tool, but stands neither in its definition nor in an earlier result, nor in the prompt as an id or in quotes.",
  column:
    "is looked up in content, but stands in no earlier result and not in quotes in the prompt. Print it first, or quote it.",
  text: "is used on content, but stands in no earlier result, and not in the prompt as an id or in quotes. Print it first, or quote it.",
  position: "is a cell's place in a row that nothing has shown. Look the column up by its name, or print a row first.",
  number: "is a number that nothing says. Take it from the prompt or from a result.",
  tool: "is no tool of this request.",
};

/** `summarise-sales.ts:8: "region" is looked up in content, but ...` */
export function violationText({ label, at, name, kind }: JudgedUse): string {
  return `${label}${typeof at === "number" ? `:${at}` : ` ${at}`}: "${name}" ${remedies[kind]}`;
}
