/** Requests and answers as the proxy passes them on, and what it says itself. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { EgressRefusal } from "../../../contract/index.ts";

/** Why a request does not go on. */
export const refused = (refusal: EgressRefusal) => Object.assign(new Error(refusal), { refusal });
export const refusalOf = (error: unknown): EgressRefusal => (error as { refusal?: EgressRefusal }).refusal ?? "failed";

/** Of one connection alone (RFC 9110, 7.6.1), or written here; `proxy-status` is what this proxy says, and nobody else. */
const ownHeaders = new Set(
  (
    "connection keep-alive proxy-connection proxy-authenticate proxy-authorization proxy-authentication-info " +
    "proxy-status te trailer transfer-encoding upgrade http2-settings host expect"
  ).split(" "),
);

/** Headers for the other side. */
export function passedOn({ headers, headersDistinct }: IncomingMessage): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headersDistinct).filter(([name]) => !ownHeaders.has(name) && (name === "content-length" || !named.has(name))),
  );
}

export const hasBody = ({ headers }: IncomingMessage) =>
  headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;

/** Said anew, and always where there is a body: without it Node sends what a GET holds as it is, as if it were the next request. */
export function framing({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const encoding = headers["transfer-encoding"];
  if (encoding === undefined) return {};
  if (encoding.toLowerCase() !== "chunked" || headers["content-length"] !== undefined) throw refused("malformed");
  return { "transfer-encoding": "chunked" };
}

const codes: Readonly<Record<EgressRefusal, number>> = {
  ...{ "not granted": 403, "not public": 403, limit: 429, malformed: 400, "not resolved": 502, failed: 502 },
};
const statusHeader = (refusal: EgressRefusal) => `mcp-code-bench; error=proxy_error; details="${refusal}"`;

export function refuse(answer: ServerResponse, error: unknown): void {
  if (answer.headersSent) return void answer.destroy();
  const refusal = refusalOf(error);
  answer.writeHead(codes[refusal], { "proxy-status": statusHeader(refusal), connection: "close" });
  answer.end(`egress: ${refusal}\n`);
}

export function refusalText(error: unknown): string {
  const refusal = refusalOf(error);
  return `HTTP/1.1 ${codes[refusal]} Refused\r\nProxy-Status: ${statusHeader(refusal)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}
