/**
 * The host's half of the runner's `lines` transport. The SDK hands standard output over as text, in which binary lengths
 * do not survive. So the runner sends lines of JSON, and each becomes a frame again here.
 */
import { Readable } from "node:stream";
import { maxFrameBytes } from "../../wire/runner-protocol.ts";

export interface LineFrames {
  /** Frames, as `runnerChannel` reads them. */
  readonly frames: Readable;
  /** Text as it comes, cut anywhere. */
  add(text: string): void;
}

/** Whatever comes before the line `begin`, such as what a login shell prints, is dropped. */
export function lineFrames(begin: string): LineFrames {
  const frames = new Readable({ read: () => undefined });
  let begun = false;
  let parts: Buffer[] = [];
  let bytes = 0;
  let tooLong = false;

  const push = (length: number, content: readonly Buffer[]) => {
    const header = Buffer.allocUnsafe(4);
    header.writeUInt32BE(length);
    frames.push(Buffer.concat([header, ...content]));
  };
  const keep = (text: string) => {
    const part = Buffer.from(text);
    parts.push(part);
    bytes += part.length;
    if (bytes <= maxFrameBytes) return;
    tooLong = true;
    parts = [];
    // A length that no frame may have shows the reader that this is not a frame.
    push(0xffffffff, []);
  };
  const endLine = () => {
    if (begun) push(bytes, parts);
    else begun = Buffer.concat(parts).toString() === begin;
    parts = [];
    bytes = 0;
  };

  return {
    frames,
    add(text) {
      const [first = "", ...more] = text.split("\n");
      if (!tooLong) keep(first);
      for (const line of more) {
        if (tooLong) return;
        endLine();
        keep(line);
      }
    },
  };
}
