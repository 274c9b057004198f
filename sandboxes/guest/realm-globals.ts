/** Gives a realm the globals of the guest API that its engine lacks, and takes away what guests elsewhere do not have. */
import { structuredCopy } from "./structured-copy.ts";
import { TextDecoder, TextEncoder } from "./text-codec.ts";
import { URL, URLSearchParams } from "./web-url.ts";

const startMs = Date.now();
const realDateNow = Date.now.bind(Date);

const performance = { timeOrigin: startMs, now: () => realDateNow() - startMs };

function queueMicrotask(callback: unknown): void {
  if (typeof callback !== "function") throw new TypeError("queueMicrotask needs a function to call");
  void Promise.resolve().then(() => void callback());
}

const wanted = { performance, queueMicrotask, structuredClone: structuredCopy, TextDecoder, TextEncoder, URL, URLSearchParams };
for (const [name, value] of Object.entries(wanted)) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
// WebAssembly's memory would escape the limit, Intl depends on the machine's settings, and the others are Node's.
for (const name of ["Intl", "WebAssembly", "Buffer", "global"]) Reflect.deleteProperty(globalThis, name);
