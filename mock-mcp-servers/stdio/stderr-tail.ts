/** Keeps the end of a server's stderr for error messages: bounded, printable, without secrets. */
import { printable, type Redactor } from "./redact.ts";

const maxHeldCharacters = 16 * 1024;
const maxLines = 20;
const maxCharacters = 4 * 1024;

export interface StderrTail {
  append(text: string): void;
  /** At most the last 20 lines and 4,096 characters. */
  text(): string;
}

export function stderrTail(redact: Redactor): StderrTail {
  let held = "";
  let cut = false;
  return {
    append(text) {
      held += text;
      if (held.length > 2 * maxHeldCharacters) {
        held = held.slice(-maxHeldCharacters);
        cut = true;
      }
    },
    text() {
      // The cut may lie inside a secret, whose rest nobody would recognise: that line is left out.
      const firstLineEnd = held.indexOf("\n");
      const whole = !cut ? held : firstLineEnd === -1 ? "(one very long line)" : held.slice(firstLineEnd + 1);
      const lines = redact(printable(whole)).trimEnd().split("\n").slice(-maxLines);
      return lines.join("\n").slice(-maxCharacters);
    },
  };
}
