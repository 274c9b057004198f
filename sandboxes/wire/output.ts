/** Keeps a program's output up to its limit and counts the rest, so that a flood costs the host nothing. */

/** Past this many times the kept bytes, a run ends as limit-exceeded "output". */
const hardOutputFactor = 16;

export interface KeptOutput {
  readonly text: string;
  /** More came than was kept. */
  readonly cut: boolean;
}

export interface OutputBuffer {
  /** Returns false once the hard limit is passed. */
  add(text: string): boolean;
  /** What was kept since the last `take`. */
  take(): string;
  isCut(): boolean;
}

/** UTF-16 units of output that leave a runner at once: less than a frame. */
const pieceLength = 2 ** 17;

const unitAt: (text: string, at: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt);
const part: (text: string, start: number, end: number) => string = Function.prototype.call.bind(String.prototype.slice);

/**
 * Hands over pieces of a text that each fit into a frame; no pair of surrogates is divided. With functions of its own: in a
 * process a program may have replaced the methods of text.
 */
export function eachPiece(text: string, take: (piece: string) => void): void {
  for (let at = 0; at < text.length; ) {
    let end = at + pieceLength;
    if (end >= text.length) end = text.length;
    else if ((unitAt(text, end - 1) & 0xfc00) === 0xd800) end--;
    take(part(text, at, end));
    at = end;
  }
}

/** The longest prefix of whole code points in `maxBytes` of UTF-8; lone surrogates count as U+FFFD. */
export function cutText(text: string, maxBytes: number): string {
  // Beyond this many UTF-16 units nothing can fit, and encoding a huge string would be wasted.
  const bytes = Buffer.from(text.slice(0, maxBytes + 1));
  if (bytes.byteLength <= maxBytes && text.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end--;
  return bytes.toString("utf8", 0, end);
}

export function outputBuffer(outputBytes: number): OutputBuffer {
  let parts: string[] = [];
  let keptBytes = 0;
  let totalBytes = 0;
  return {
    add(text) {
      const bytes = Buffer.byteLength(text);
      totalBytes += bytes;
      if (keptBytes + bytes <= outputBytes) {
        parts.push(text);
        keptBytes += bytes;
      } else if (keptBytes < outputBytes) {
        parts.push(cutText(text, outputBytes - keptBytes));
        keptBytes = outputBytes;
      }
      return totalBytes <= outputBytes * hardOutputFactor;
    },
    take() {
      const text = parts.join("");
      parts = [];
      return text;
    },
    isCut: () => totalBytes > outputBytes,
  };
}
