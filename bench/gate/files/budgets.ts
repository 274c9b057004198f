/** The budget file: what each budget watches and where it ends. Every mistake names its place in the file and the fix. */
import { z } from "zod";
import { nearest } from "../../../contract/flags/selection.ts";
import { parseQuantity, type UnitName, unitFix } from "../../../contract/flags/units.ts";
import {
  type AxisName,
  axes,
  BenchError,
  type CellKey,
  type Measure,
  measures,
  serialisations,
} from "../../../contract/index.ts";
import { parseJsonFile } from "./json-file.ts";

const timeMeasures = ["playMs", "bridgeCallMs", "sandboxOpenMs", "sandboxRunMs"] as const;
export type TimeMeasure = (typeof timeMeasures)[number];
/** `billed` is input and output together. */
export type TokenMeasure = Measure | "billed";

/** What a budget is about. Tokens, `errorRate` and times are at most the limit, `success` at least. */
export type BudgetMeasure =
  | { readonly kind: "tokens"; readonly measure: TokenMeasure }
  /** Of milliseconds, the median; it only warns, because it depends on the machine. */
  | { readonly kind: "time"; readonly measure: TimeMeasure }
  /** Of all tool calls, the share that failed. */
  | { readonly kind: "errorRate"; readonly measure: "errorRate" }
  /** Of all cells, the share that passed their verifier. */
  | { readonly kind: "success"; readonly measure: "success" };

const budgetMeasures: readonly BudgetMeasure[] = [
  ...[...measures, "billed" as const].map((measure) => ({ kind: "tokens" as const, measure })),
  ...timeMeasures.map((measure) => ({ kind: "time" as const, measure })),
  { kind: "errorRate", measure: "errorRate" },
  { kind: "success", measure: "success" },
];

const units: { readonly [K in BudgetMeasure["kind"]]: UnitName } = {
  tokens: "tokens",
  time: "time",
  errorRate: "percent",
  success: "percent",
};

/** The axes that a budget may name beside its scenario and mode, each by one of its values. */
export const choiceAxes = ["model", "policy", "outputSchemas", "language", "sandbox"] as const satisfies readonly AxisName[];
const choice = <A extends AxisName>(axis: A) => {
  return (axes[axis].schema as unknown as z.ZodType<CellKey[A]>).refine((value) => value !== null, "expected a value").optional();
};
const choices = Object.fromEntries(choiceAxes.map((axis) => [axis, choice(axis)])) as unknown as {
  [A in (typeof choiceAxes)[number]]: z.ZodOptional<z.ZodType<NonNullable<CellKey[A]>>>;
};

const budget = z.strictObject({
  scenario: z.string(),
  mode: z.string(),
  measure: z.string(),
  limit: z.union([z.number(), z.string()]),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
  tools: z.union([z.int().positive(), z.literal("own")]).optional(),
  ...choices,
  counter: z.string().optional(),
  serialisation: z.enum(serialisations).optional(),
});
const known = Object.keys(budget.shape);

/** The file's own line, with its measure and limit understood. The limit is in tokens, milliseconds or per cent. */
export interface Budget extends Omit<z.output<typeof budget>, "measure" | "limit"> {
  readonly of: BudgetMeasure;
  readonly limit: number;
  /** As the file writes it. */
  readonly limitText: string;
}

const top = z.strictObject({ $schema: z.string().optional(), budgets: z.array(z.unknown()).min(1) });

/** Throws GATE_FILE. @param file its name, for messages */
export function parseBudgets(text: string, file: string): readonly Budget[] {
  const fail = (at: string, problem: string, fix: string): never => {
    throw new BenchError("GATE_FILE", { file, problem: at === "" ? problem : `${at}: ${problem}`, fix });
  };
  const example = 'Write { "budgets": [{ "scenario": "...", "mode": "...", "measure": "peakContext", "limit": "40 k" }] }.';
  const whole = top.safeParse(parseJsonFile(text, file, example));
  if (!whole.success) {
    const [issue] = whole.error.issues;
    return fail(issue?.path.join(".") ?? "", issue?.message ?? "not as expected", example);
  }
  return whole.data.budgets.map((entry, i) => {
    const at = `budgets.${i}`;
    const parsed = budget.safeParse(entry);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
      if (unknown !== undefined) return fail(at, `unknown field "${unknown}"`, suggestion(unknown, known, "Fields"));
      return fail([at, ...(issue?.path ?? [])].join("."), issue?.message ?? "not as expected", example);
    }
    const { measure, limit, ...rest } = parsed.data;
    const of = budgetMeasures.find((one) => one.measure === measure);
    if (of === undefined) {
      const ids = budgetMeasures.map((one) => one.measure);
      return fail(`${at}.measure`, `unknown measure "${measure}"`, suggestion(measure, ids, "Measures"));
    }
    const unit = units[of.kind];
    const read = parseQuantity(String(limit), unit);
    if (read === undefined) return fail(`${at}.limit`, `${JSON.stringify(limit)} is not a limit for ${measure}`, unitFix(unit));
    return { ...rest, of, limit: read, limitText: String(limit) };
  });
}

function suggestion(word: string, ids: readonly string[], what: string): string {
  const close = nearest(word, ids);
  return `${close === undefined ? "" : `Did you mean "${close}"? `}${what}: ${ids.join(", ")}.`;
}
