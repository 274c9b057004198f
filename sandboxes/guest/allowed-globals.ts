/**
 * Names of the globals that guests have everywhere: the language's, and the guest API's. A backend whose engine has more
 * takes the others away, so that a program that uses one fails with the same text.
 */
export const allowedGlobals: ReadonlySet<string> = new Set(
  (
    "Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError " +
    "SuppressedError Iterator Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI " +
    "encodeURIComponent escape unescape Infinity NaN undefined eval Number Boolean String Math Reflect Symbol " +
    "DisposableStack AsyncDisposableStack globalThis BigInt Date RegExp JSON Proxy Map Set WeakMap WeakSet ArrayBuffer " +
    "SharedArrayBuffer Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array " +
    "BigInt64Array BigUint64Array Float16Array Float32Array Float64Array DataView Promise WeakRef FinalizationRegistry " +
    "DOMException btoa atob performance URL URLSearchParams TextEncoder TextDecoder structuredClone queueMicrotask " +
    "setTimeout clearTimeout setInterval clearInterval console callTool"
  ).split(" "),
);
