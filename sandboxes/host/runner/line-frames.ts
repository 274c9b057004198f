/** Lines of text, as carriers that know no bytes hand them over; each holds a frame in base64. */
import { maxFrameBytes } from "../../guest/limits.ts";

/** Characters of the longest line. */
export const maxLineLength = 4 * Math.ceil(maxFrameBytes / 3);

/** Cuts text into lines, however it comes; keeps no more than one. `line` gets `undefined`, once, for one that is too long. */
export function lineReader(maxLength: number, line: (line: string | undefined) => void): (text: string) => void {
  let begun = "";
  let isTooLong = false;
  return (text) => {
    let at = 0;
    while (!isTooLong && at < text.length) {
      const end = text.indexOf("\n", at);
      const part = text.slice(at, end === -1 ? text.length : end);
      at += part.length + 1;
      if (begun.length + part.length > maxLength) {
        isTooLong = true;
        begun = "";
        return line(undefined);
      }
      begun += part;
      if (end === -1) return;
      const whole = begun;
      begun = "";
      line(whole);
    }
  };
}
