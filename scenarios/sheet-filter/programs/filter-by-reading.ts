import { read_sheet } from "./servers/google-drive/read_sheet.ts";

const spreadsheetId = "1AbCdEfGhIjKlMnOpQrStUvWxYz";

const first = await read_sheet({ spreadsheetId });
const pageRows = first.nextOffset ?? first.totalRows;
const offsets: number[] = [];
for (let offset = pageRows; offset < first.totalRows; offset += pageRows) offsets.push(offset);
const pages = await Promise.all(offsets.map((offset) => read_sheet({ spreadsheetId, offset })));
const [header = []] = first.values;
const orders = [first, ...pages].flatMap(({ values }) => values.slice(1));
const status = header.indexOf("Status");
const orderId = header.indexOf("Order ID");
const pending = orders.filter((order) => order[status] === "pending");
console.log(JSON.stringify({ count: pending.length, firstFive: pending.slice(0, 5).map((order) => order[orderId]) }));
