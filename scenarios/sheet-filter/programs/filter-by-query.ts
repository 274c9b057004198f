import { query_sheet } from "./servers/google-drive/query_sheet.ts";

const spreadsheetId = "1AbCdEfGhIjKlMnOpQrStUvWxYz";

const { matchCount, values } = await query_sheet({
  spreadsheetId,
  where: [{ column: "Status", operator: "equals", value: "pending" }],
  select: ["Order ID"],
  limit: 5,
});
console.log(JSON.stringify({ count: matchCount, firstFive: values.slice(1).map(([orderId]) => orderId) }));
