/** `list`: what a selection can name, and for sandboxes whether they can run on this machine. */

import { join } from "node:path";
import { z } from "zod";
import { BenchError } from "../../../contract/errors.ts";
import { select } from "../../../contract/flags/selection.ts";
import type { Availability, Registries, SubjectKind } from "../../../contract/index.ts";
import { jsonText, terminalText } from "../../../reports/escape.ts";
import { readProofs } from "../../measure/proof.ts";
import { machineMark } from "../about-machine.ts";
import type { CliProcess } from "../cli-process.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredRegistries } from "../configured.ts";
import type { Syntax } from "../flags.ts";
import { alignRows } from "../flags.ts";
import { defectiveRow } from "../sandboxes/defective-row.ts";
import { executorRow, executorsTitle } from "../sandboxes/executor-row.ts";
import { sandboxRow } from "../sandboxes/sandbox-row.ts";

const kinds = ["scenarios", "modes", "sandboxes", "counters", "reports", "servers"] as const;
type Kind = (typeof kinds)[number];

const syntax: Syntax = {
  command: "list",
  positionals: "[KIND]",
  maxPositionals: 1,
  flags: [configFlag, { name: "json", summary: "an array of objects with id (needs one kind)" }],
  example: "mcp-code-bench list sandboxes --json",
  notes: [`KIND: ${kinds.join(", ")}.`],
};

export const listCommand: Command = {
  syntax,
  async run(args, cli) {
    const [wanted] = args.positionals;
    if (wanted === undefined && args.has("json"))
      throw new BenchError("USAGE", { problem: "--json needs one kind.", fix: "Write mcp-code-bench list scenarios --json." });
    const selected = select("kind", wanted === undefined ? [] : [wanted], { ids: kinds, defaults: kinds });
    const registries = await configuredRegistries(args, cli);
    const errors: unknown[] = [];
    for (const kind of kinds.filter((k) => selected.includes(k))) {
      const rows = await describe[kind](registries, cli);
      errors.push(...rows.flatMap(({ error }) => (error === undefined ? [] : [error])));
      if (args.has("json")) {
        const shown = rows.map(({ details: _shown, error: _thrown, ...row }) => row);
        cli.stdout.write(`${jsonText(JSON.stringify(shown, null, 2))}\n`);
        continue;
      }
      const executors = rows.filter((row) => row.kind === "executor");
      cli.stdout.write(
        text(
          `${kind} (* = default)`,
          rows.filter((row) => !executors.includes(row)),
        ),
      );
      if (executors.length === 0) continue;
      cli.stdout.write(text(executorsTitle, executors));
    }
    // All that can be shown is; the exit code still says that something could not. Its row has the reason of any other.
    if (errors.length > 0) throw errors[0];
    return 0;
  },
};

interface Row {
  readonly id: string;
  readonly title: string;
  readonly default: boolean;
  /** Of a sandbox: a backend, or an executor of another project. */
  readonly kind?: SubjectKind;
  readonly availability?: Availability;
  /** What else is said of it, a line each. Not part of `--json`. */
  readonly details?: readonly string[];
  /** Why there is no more of it than this. Not part of `--json`. */
  readonly error?: unknown;
  /** JSON Schema of a scenario's parameters. */
  readonly parameters?: { readonly properties?: { readonly [name: string]: unknown } };
}

/** Each row is one JSON object of `--json`. */
const describe: { readonly [K in Kind]: (registries: Registries, cli: CliProcess) => Promise<readonly Row[]> } = {
  async scenarios({ scenarios }) {
    return await rows(scenarios, ({ title, source, params, variants }) => ({
      title,
      source,
      parameters: z.toJSONSchema(params, { io: "input" }),
      variants,
    }));
  },
  modes: ({ modes }) =>
    rows(modes, ({ title, source, sandbox, control }) => ({ title, source, usesSandbox: sandbox !== null, control })),
  counters: ({ counters }) => rows(counters, ({ title, version, estimate }) => ({ title, version, estimate })),
  reports: ({ reporters }) => rows(reporters, ({ title, fileName }) => ({ title, fileName })),
  servers: ({ servers }) => rows(servers, ({ title, tools }) => ({ title, tools: tools.map(({ name }) => name) })),
  async sandboxes({ sandboxes, executors }, cli) {
    const proofs = await readProofs(join(cli.cwd, "results"), machineMark());
    return [
      ...(await rows(sandboxes, (factory) => sandboxRow(factory, cli, proofs).catch(defectiveRow("backend")))),
      ...(await rows({ ...executors, defaults: [] }, (factory) =>
        executorRow(factory, cli, proofs).catch(defectiveRow("executor")),
      )),
      ...Object.entries(sandboxes.notHere ?? {}).map(([id, { title, reason, fix }]) => ({
        ...{ id, title, default: false, availability: { status: "unavailable" as const, reason, fix } },
      })),
    ];
  },
};

/** One row for each id, in registry order. */
async function rows<T, R extends { readonly title: string }>(
  registry: { readonly ids: readonly string[]; readonly defaults: readonly string[]; load(id: string): Promise<T> },
  row: (item: T) => R | Promise<R>,
): Promise<(R & Row)[]> {
  return await Promise.all(
    registry.ids.map(async (id) => ({ id, default: registry.defaults.includes(id), ...(await row(await registry.load(id))) })),
  );
}

function text(title: string, listed: readonly Row[]): string {
  const lines = alignRows(listed.map((row) => [`${row.default ? "*" : " "} ${row.id}`, row.title]));
  const described = listed.flatMap(({ availability, parameters, details = [] }, i) => [
    lines[i] ?? "",
    ...alignRows(Object.entries(parameters?.properties ?? {}).map(([name, schema]) => [`    ${name}`, parameterText(schema)])),
    ...(availability?.status === "unavailable"
      ? [`    unavailable: ${terminalText(availability.reason)}`, `    fix: ${terminalText(availability.fix)}`]
      : []),
    ...details.map((line) => `    ${line}`),
  ]);
  return `${title}\n${described.join("\n")}\n\n`;
}

/** `1000 (1 to 10000): rows in the sheet`. */
function parameterText(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "";
  const { default: byDefault, minimum, maximum, description, enum: choices } = schema as { readonly [keyword: string]: unknown };
  const range = minimum === undefined || maximum === undefined ? "" : ` (${minimum} to ${maximum})`;
  const listed = Array.isArray(choices) ? ` (${choices.join(", ")})` : "";
  return `${byDefault}${range}${listed}${description === undefined ? "" : `: ${description}`}`;
}
