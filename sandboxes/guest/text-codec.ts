/** UTF-8 for realms whose engine has no `TextEncoder`. */

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }
  encode(input: unknown = ""): Uint8Array {
    const text = String(input).toWellFormed();
    const bytes = new Uint8Array(text.length * 3);
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i) ?? 0;
      if (point < 0x80) {
        bytes[length++] = point;
        continue;
      }
      if (point < 0x800) bytes[length++] = 0xc0 | (point >> 6);
      else {
        if (point < 0x1_0000) bytes[length++] = 0xe0 | (point >> 12);
        else {
          bytes[length++] = 0xf0 | (point >> 18);
          bytes[length++] = 0x80 | ((point >> 12) & 63);
          i++;
        }
        bytes[length++] = 0x80 | ((point >> 6) & 63);
      }
      bytes[length++] = 0x80 | (point & 63);
    }
    return bytes.slice(0, length);
  }
}

/** Text pieces are joined once this many units are waiting. */
const pieceUnits = 4096;

/** The least and the greatest second byte after a first byte, where not 0x80 to 0xbf. */
const secondBytes: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

export class TextDecoder {
  readonly #fatal: boolean;
  readonly #keepsMark: boolean;
  constructor(label = "utf-8", options: { readonly fatal?: boolean; readonly ignoreBOM?: boolean } = {}) {
    if (!/^\s*utf-?8\s*$/i.test(String(label))) throw new RangeError(`The encoding "${label}" is not supported`);
    this.#fatal = options.fatal === true;
    this.#keepsMark = options.ignoreBOM === true;
  }
  get encoding(): string {
    return "utf-8";
  }
  decode(input?: ArrayBuffer | ArrayBufferView): string {
    if (input === undefined) return "";
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    let text = "";
    let units: number[] = [];
    const put = (point: number) => {
      if (point > 0xffff) units.push(0xd800 + ((point - 0x1_0000) >> 10), 0xdc00 + ((point - 0x1_0000) & 0x3ff));
      else units.push(point);
      if (units.length < pieceUnits) return;
      text += String.fromCharCode(...units);
      units = [];
    };
    let i = 0;
    while (i < bytes.length) {
      const first = bytes[i++] ?? 0;
      if (first < 0x80) {
        put(first);
        continue;
      }
      const more =
        first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
      let point = more === 1 ? first & 31 : more === 2 ? first & 15 : first & 7;
      let read = 0;
      for (; read < more; read++) {
        const next = bytes[i];
        const [least, greatest] = (read === 0 ? secondBytes[first] : undefined) ?? [0x80, 0xbf];
        if (next === undefined || next < least || next > greatest) break;
        point = (point << 6) | (next & 63);
        i++;
      }
      if (more > 0 && read === more) put(point);
      else if (this.#fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
      else put(0xfffd);
    }
    text += String.fromCharCode(...units);
    return !this.#keepsMark && text.startsWith("\uFEFF") ? text.slice(1) : text;
  }
}
