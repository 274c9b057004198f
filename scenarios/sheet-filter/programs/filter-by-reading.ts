import { read_sheet } from "./servers/google-drive/read_sheet.ts";

const spreadsheetId = "1AbCdEfGhIjKlMnOpQrStUvWxYz";

const rows: string[][] = [];
let offset: number | null = 0;
while (offset !== null) {
  const page: Awaited<ReturnType<typeof read_sheet>> = await read_sheet({ spreadsheetId, offset });
  rows.push(...page.values.slice(rows.length === 0 ? 0 : 1));
  offset = page.nextOffset;
}
const [header = [], ...orders] = rows;
const status = header.indexOf("Status");
const orderId = header.indexOf("Order ID");
const pending = orders.filter((order) => order[status] === "pending");
console.log(JSON.stringify({ count: pending.length, firstFive: pending.slice(0, 5).map((order) => order[orderId]) }));
