/** The console of every guest: one call, one line, and one order for what would be stdout and stderr. */
import { format } from "./format.ts";
import { host } from "./host.ts";

function print(...values: unknown[]): void {
  let line = "";
  for (let i = 0; i < values.length; i++) line += (i === 0 ? "" : " ") + format(values[i]);
  // No template: QuickJS makes one with a method of String.prototype.
  line += "\n";
  host.write(line);
}

export const guestConsole = {
  log: print,
  info: print,
  debug: print,
  warn: print,
  error: print,
  trace: print,
  dir: print,
  table: print,
};
