/** Remind every customer whose invoice is overdue: many rows read, few of them acted on. */
import {
  answerIs,
  type CodeScript,
  defineScenario,
  printedJson,
  resultJson,
  type Script,
  type ScriptCall,
  stateIs,
  z,
} from "mcp-code-bench";
import { type Invoice, invoicesServer, seededInvoices } from "../../servers/invoices.ts";

const params = z.strictObject({
  invoices: z.int().min(1).max(5_000).default(200).describe("Invoices on the server"),
});
type OverdueParams = z.output<typeof params>;

const dueBefore = "2026-03-01";

const isOverdue = (invoice: Invoice) => !invoice.paid && invoice.dueDate < dueBefore;

interface Page {
  readonly invoices: readonly Invoice[];
  readonly nextPage: number | null;
}

/** Reads page after page, then sends all reminders of a page in one turn. */
const direct: Script<ScriptCall, OverdueParams> = function* () {
  const facts = { reminded: 0, amountCents: 0 };
  let page: number | null = 1;
  while (page !== null) {
    const read: Page = resultJson(
      yield { uses: [{ server: "invoices", tool: "list_invoices", input: { page } }] },
    ) as unknown as Page;
    const overdue = read.invoices.filter(isOverdue);
    if (overdue.length > 0) {
      yield { uses: overdue.map(({ id }) => ({ server: "invoices", tool: "send_reminder", input: { invoiceId: id } })) };
    }
    facts.reminded += overdue.length;
    facts.amountCents += overdue.reduce((sum, invoice) => sum + invoice.amountCents, 0);
    page = read.nextPage;
  }
  return facts;
};

/** One program does the same. Its file is what is counted, with `dueBefore` filled in. */
const code: CodeScript<OverdueParams> = function* ({ facts }) {
  return printedJson(yield { uses: [{ file: "remind-overdue.ts", values: { dueBefore: facts.dueBefore ?? "" } }] });
};

export const overdueInvoices = defineScenario<OverdueParams>({
  id: "overdue-invoices",
  title: "Send a reminder for every overdue invoice",
  source: "the own-parts example of mcp-code-bench",
  params,
  variants: [{}],
  virtualTime: false,
  async world(params, seed) {
    const prompt =
      `Send one reminder for every unpaid invoice that was due before ${dueBefore}. ` +
      `End your answer with one line of JSON: {"reminded": <how many>, "amountCents": <their sum>}`;
    const invoices = seededInvoices(seed, params.invoices);
    return { task: { params, seed, prompt, facts: { dueBefore } }, servers: [invoicesServer(invoices)] };
  },
  direct,
  code,
  needs: () => [
    { server: "invoices", tool: "list_invoices", look: { page: 1 } },
    { server: "invoices", tool: "send_reminder" },
  ],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `Every overdue invoice has its reminder.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const overdue = seededInvoices(seed, params.invoices).filter(isOverdue);
    const amountCents = overdue.reduce((sum, invoice) => sum + invoice.amountCents, 0);
    const reminders = Object.fromEntries(overdue.map(({ id }) => [id, 1]));
    return [
      stateIs("exactly the overdue invoices were reminded, once each", end.after.invoices, { reminders }),
      answerIs(end.answer, { reminded: overdue.length, amountCents }),
    ];
  },
});
