/**
 * Cuts a server's stdout into JSON-RPC messages. The SDK's ReadBuffer skips rubbish without a word, and copies everything
 * again at each chunk of a long line.
 */
import { deserializeMessage, type JSONRPCMessage } from "@modelcontextprotocol/client";

const lineEnd = 0x0a;

export interface MessageLines {
  append(chunk: Buffer): void;
}

export interface MessageLinesOptions {
  /** Bytes of one line; more calls `onOverflow` once and everything later is dropped. */
  readonly maxLineBytes: number;
  readonly onMessage: (message: JSONRPCMessage) => void;
  readonly onRubbish: (line: string) => void;
  readonly onOverflow: () => void;
}

export function messageLines({ maxLineBytes, onMessage, onRubbish, onOverflow }: MessageLinesOptions): MessageLines {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  let overflown = false;

  function finish(lastPart: Buffer): void {
    const line = (parts.length === 0 ? lastPart : Buffer.concat([...parts, lastPart])).toString("utf8").trim();
    parts = [];
    heldBytes = 0;
    if (line === "") return;
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      // Not JSON, or JSON that is not a message: the fix is the same.
      onRubbish(line);
      return;
    }
    onMessage(message);
  }

  return {
    append(chunk) {
      let rest = chunk;
      for (let end = rest.indexOf(lineEnd); end !== -1 && !overflown; end = rest.indexOf(lineEnd)) {
        finish(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length === 0 || overflown) return;
      parts.push(rest);
      heldBytes += rest.length;
      if (heldBytes > maxLineBytes) {
        overflown = true;
        parts = [];
        onOverflow();
      }
    },
  };
}
