import { get_document } from "./servers/google-drive/get_document.ts";
import { update_record } from "./servers/salesforce/update_record.ts";

const documentId = "1AbCdEfGhIjKlMnOpQrStUvWxYz";
const recordId = "a0X000000000001AAA";

const { content } = await get_document({ documentId });
await update_record({ objectType: "SalesMeeting", recordId, fields: { Notes: content } });
console.log(`Wrote ${content.length} characters to Notes of ${recordId}`);
