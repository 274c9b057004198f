import { list_invoices } from "./servers/invoices/list_invoices.ts";
import { send_reminder } from "./servers/invoices/send_reminder.ts";

const dueBefore = "2026-03-01";

let reminded = 0;
let amountCents = 0;
let page: number | null = 1;
while (page !== null) {
  const { invoices, nextPage } = await list_invoices({ page });
  const overdue = invoices.filter((invoice) => !invoice.paid && invoice.dueDate < dueBefore);
  await Promise.all(overdue.map(({ id }) => send_reminder({ invoiceId: id })));
  reminded += overdue.length;
  amountCents += overdue.reduce((sum, invoice) => sum + invoice.amountCents, 0);
  page = nextPage;
}
console.log(JSON.stringify({ reminded, amountCents }));
