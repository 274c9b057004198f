/** A mock invoicing server: tools as zod schemas over a plain state, which every cell gets afresh. */
import { defineMockServer, inMemoryServer, type Json, random, ToolFailure, toolsOver, type WorldServer, z } from "mcp-code-bench";

const pageSize = 50;

export interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly amountCents: number;
  readonly dueDate: string;
  readonly paid: boolean;
}

interface State {
  readonly invoices: readonly Invoice[];
  /** Reminders sent, by invoice id: an order that calls issued together cannot change. */
  reminders: { readonly [invoiceId: string]: number };
}

/** The same invoices for the same seed, on every machine. */
export function seededInvoices(seed: number, count: number): Invoice[] {
  const draw = random(seed, "invoices");
  return Array.from({ length: count }, (_, i) => ({
    id: `INV-${String(i + 1).padStart(5, "0")}`,
    customer: `${draw.pick(["North", "Blue", "Grand", "Silver"])} ${draw.pick(["Mills", "Foods", "Motors", "Optics"])}`,
    amountCents: draw.integer(1_000, 900_000),
    dueDate: new Date(Date.UTC(2026, 0, 1 + draw.integer(0, 180))).toISOString().slice(0, 10),
    paid: draw.chance(70),
  }));
}

const tool = toolsOver<State>();

const invoice = z.object({
  id: z.string(),
  customer: z.string(),
  amountCents: z.int(),
  dueDate: z.string().describe("ISO date"),
  paid: z.boolean(),
});

const listInvoices = tool({
  name: "list_invoices",
  description: "List invoices, oldest first, one page at a time.",
  input: z.object({ page: z.int().min(1).describe("From 1") }),
  output: z.object({ invoices: z.array(invoice), nextPage: z.int().nullable().describe("null after the last page") }),
  run(state, { page }) {
    const start = (page - 1) * pageSize;
    const more = start + pageSize < state.invoices.length;
    return { invoices: state.invoices.slice(start, start + pageSize), nextPage: more ? page + 1 : null };
  },
});

const sendReminder = tool({
  name: "send_reminder",
  description: "Send the customer of an unpaid invoice a reminder.",
  input: z.object({ invoiceId: z.string() }),
  output: z.object({ invoiceId: z.string(), sent: z.boolean() }),
  run(state, { invoiceId }) {
    const found = state.invoices.find(({ id }) => id === invoiceId);
    if (found === undefined) throw new ToolFailure(`No invoice ${invoiceId}. Use list_invoices to find a valid id.`);
    if (found.paid) throw new ToolFailure(`Invoice ${invoiceId} is paid.`);
    state.reminders = { ...state.reminders, [invoiceId]: (state.reminders[invoiceId] ?? 0) + 1 };
    return { invoiceId, sent: true };
  },
});

const definition = defineMockServer<State>({ name: "invoices", version: "1.0.0", tools: [listInvoices, sendReminder] });

/** A server of its own for one cell. Its snapshot is `{ reminders }`. */
export function invoicesServer(invoices: readonly Invoice[]): WorldServer {
  return inMemoryServer(definition, { invoices, reminders: {} }, ({ reminders }): Json => ({ reminders }));
}
