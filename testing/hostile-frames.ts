/**
 * Frames as a guest would forge them that shares its process with its runner. They are written here a second time, by hand,
 * from the table in `sandboxes/wire/frames.ts`: what writes the right ones cannot write these.
 */

/** A frame that says the right length. `kind`: one letter, or a byte. */
export function frame(kind: string | number, ...body: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(body);
  return Buffer.concat([u32(1 + bytes.length), u8(typeof kind === "string" ? kind.charCodeAt(0) : kind), bytes]);
}

const u8 = (value: number) => Buffer.from([value]);
const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
export const utf8 = (text: string) => Buffer.from(text);

export interface ForgedCall {
  readonly id?: number;
  readonly server?: Uint8Array;
  readonly tool?: Uint8Array;
  readonly input?: Uint8Array;
  /** What its head says of these; absent: the truth. */
  readonly serverBytes?: number;
  readonly toolBytes?: number;
  readonly inputBytes?: number;
}

export function call(forged: ForgedCall = {}): Buffer {
  const { id = 1, server = utf8("lab"), tool = utf8("echo"), input = utf8("{}") } = forged;
  const { serverBytes = server.length, toolBytes = tool.length, inputBytes = input.length } = forged;
  return Buffer.concat([u32(id), u16(serverBytes), u16(toolBytes), u32(inputBytes), server, tool, input]);
}

export const calls = (...forged: readonly ForgedCall[]) => frame("C", ...forged.map(call));
/** The same, with the promise that more of them follow. */
export const callsAndMore = (...forged: readonly ForgedCall[]) => frame("c", ...forged.map(call));

export function wait(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(milliseconds);
  return frame("W", bytes);
}

export const output = (text: string | Uint8Array) => frame("O", typeof text === "string" ? utf8(text) : text);

/** `status`: R returned, T threw, L limit, B broken. The fields: name or limit, message or reason, stack, paths read, paths written. */
export const done = (status = "R", ...fields: readonly (string | Uint8Array)[]) =>
  frame("D", utf8(status), ...["", "", "", "", ""].map((empty, n) => field(fields[n] ?? empty)));
function field(content: string | Uint8Array): Buffer {
  const bytes = typeof content === "string" ? utf8(content) : content;
  return Buffer.concat([u32(bytes.length), bytes]);
}

export const started = frame("S");

/** What a run comes to: `broken` is the program's own end, for it has broken its channel; `exited` too, when nothing else ended it. */
export type End = "broken" | "exited" | "returned" | "threw" | "memory" | "output";

export interface Attack {
  readonly name: string;
  readonly bytes: Buffer;
  readonly end: End;
  /** Calls that reach the bridge; absent: none. */
  readonly reached?: number;
  readonly text?: string;
  readonly virtualWaitMs?: number;
  readonly read?: readonly string[];
}

const inputBytes = 2 ** 20;
const json = (text: string) => ({ input: utf8(text) });
const deep = (levels: number) => `${`{"a":`.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
const many = (values: number) =>
  `{"a":[${Array(values - 2)
    .fill("0")
    .join()}]}`;
/** Not one of them is UTF-8. */
const noText = Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf8]);
const attack = (name: string, end: End, bytes: readonly Uint8Array[], seen: Partial<Attack> = {}): Attack => ({
  ...{ name, end, bytes: Buffer.concat(bytes) },
  ...seen,
});

/** What is sent once the program runs; the process ends after it. Timers are virtual, and the session has 64 MiB. */
export const attacks: readonly Attack[] = [
  attack("a frame of no bytes", "broken", [u32(0), done()]),
  attack("a frame that is longer than any", "broken", [u32(inputBytes + 65_536), Buffer.alloc(100)]),
  attack("a frame of 4 GiB", "broken", [u32(2 ** 32 - 1)]),
  attack("a frame that does not end", "exited", [u32(100), utf8("O...")]),
  attack("half a length", "exited", [u8(0), u8(0)]),
  attack("text without frames", "broken", [utf8(`{"type":"done"}\n`)]),
  ...["?", "X", "j", "w", "G", "e", 0, 255].map((kind) => attack(`a frame of kind ${kind}`, "broken", [frame(kind), done()])),
  attack("started, with a body", "broken", [frame("S", u8(1)), done()]),
  attack("ready again, started again, and answers to what nobody asked", "returned", [
    ...[
      frame("R", u32(0), u32(7), u16(5), utf8("token"), utf8("x")),
      started,
      frame("o"),
      frame("P", utf8("forged")),
      frame("A"),
      frame("u"),
    ],
    ...[frame("A", utf8("EACCES")), frame("N", field("x")), frame("B", field("../../../etc/x"), utf8("x")), done()],
  ]),
  attack("ready, cut short", "broken", [frame("R", u32(0), u32(7)), done()]),
  attack("an answer with a code that is too long", "broken", [frame("A", utf8("E".repeat(100))), done()]),

  attack("no calls at all", "broken", [calls(), done()]),
  attack("a call whose head is cut", "broken", [frame("C", call().subarray(0, 11)), done()]),
  attack("a call whose input is cut", "broken", [frame("C", call().subarray(0, -1)), done()]),
  attack("a call and one byte", "broken", [frame("C", call(), u8(0)), done()]),
  attack("a server's name of more than there is", "broken", [calls({ serverBytes: 600 }), done()]),
  attack("a server's name of 64 KiB", "broken", [calls({ server: Buffer.alloc(65_535, "s") }), done()]),
  attack("a tool's name of 64 KiB", "broken", [calls({ tool: Buffer.alloc(65_535, "t") }), done()]),
  attack("an input of 4 GiB", "broken", [calls({ inputBytes: 2 ** 32 - 1 }), done()]),
  attack("an input that is longer than any", "broken", [calls(json(`{"a":"${"y".repeat(inputBytes)}"}`)), done()]),
  attack("two calls of one id, together", "broken", [calls({ id: 7 }, { id: 7 }), done()]),
  attack("two calls of one id, one after the other", "broken", [calls({ id: 7 }), calls({ id: 7 }), done()], { reached: 1 }),
  attack("an input of too many values", "returned", [calls(json(many(131_073))), done()]),
  attack("an input of as many values as may be", "returned", [calls(json(many(131_072))), done()], { reached: 1 }),
  attack("an input that is nested too deeply", "returned", [calls(json(deep(501))), done()]),
  attack("an input that is nested 100,000 levels deep", "returned", [calls(json(deep(100_000))), done()]),
  attack("brackets without end", "returned", [calls(json("[".repeat(inputBytes - 1))), done()]),
  attack("an input that is nested as deeply as may be", "returned", [calls(json(deep(500))), done()], { reached: 1 }),
  ...["", "[]", "null", "5", `"x"`, "{", `{"a":}`, `{"a":1}}`].map((text) =>
    attack(`the input ${text || "of nothing"}`, "returned", [calls(json(text)), done()]),
  ),
  attack("an input that is no text", "returned", [calls({ input: noText }), done()]),
  attack(
    "names that are no text, and names of nothing",
    "returned",
    [...[calls({ server: noText, tool: noText }), calls({ id: 2, server: utf8(""), tool: utf8("") }), done()]],
    { reached: 2 },
  ),
  attack(
    "names and keys of prototypes",
    "returned",
    [
      calls({ server: utf8("__proto__"), tool: utf8("constructor"), ...json(`{"__proto__":{"polluted":1},"constructor":{}}`) }),
      done(),
    ],
    { reached: 1 },
  ),
  attack("more calls than fit into the session's memory", "memory", [
    ...Array.from({ length: 40 }, (_, n) => calls(...Array.from({ length: 2_000 }, (_, i) => ({ id: n * 2_000 + i })))),
    done(),
  ]),
  attack("one input of 64 values again and again, more than fit in sum", "memory", [
    ...Array.from({ length: 40 }, (_, id) => calls({ id, ...json(many(30_000)) })),
    done(),
  ]),

  ...[Number.NaN, -50, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 2 ** 32].map((milliseconds) =>
    attack(`a wait of ${Object.is(milliseconds, -0) ? "-0" : milliseconds}`, "broken", [wait(milliseconds), done()]),
  ),
  attack("a wait of seven bytes", "broken", [frame("W", Buffer.alloc(7)), done()]),
  attack("a wait of nine bytes", "broken", [frame("W", Buffer.alloc(9)), done()]),
  // A program that has given up a call waits too.
  attack("a wait while a call has no answer", "returned", [calls({}), wait(5), done()], { reached: 1, virtualWaitMs: 5 }),
  attack("honest waits", "returned", [wait(250.5), wait(1_000), done()], { virtualWaitMs: 1_250.5 }),

  attack("output that is no text", "returned", [output("a"), output(noText), done()], { text: `a${"\uFFFD".repeat(8)}` }),
  attack("more output than may be", "output", Array(40).fill(output("x".repeat(10_000)))),

  attack("done twice", "returned", [output("first"), done(), done("T", "Error", "second")], { text: "first" }),
  attack("calls, output and a wait after done", "returned", [done(), calls({}), output("late"), wait(5)], { text: "" }),
  attack("nonsense after done", "returned", [done(), utf8("nonsense, and a lot of it")]),
  attack("done, of a status that there is not", "broken", [done("?")]),
  attack("done, by a limit that only the host can know", "broken", [done("L", "memory")]),
  attack("done, by a limit that there is not", "broken", [done("L", "patience")]),
  attack("done, by a failure of the backend", "broken", [done("B", "", "no reason")]),
  attack("done without fields", "broken", [frame("D", utf8("R"))]),
  attack("done, and one byte", "broken", [Buffer.concat([u32(23), utf8("DR"), Buffer.alloc(21)])]),
  attack("done, with a field of 4 GiB", "broken", [frame("D", utf8("R"), u32(2 ** 32 - 1), Buffer.alloc(16))]),
  attack("done, in no text", "threw", [done("T", noText, noText, noText)], {
    text: `Error: ${"\uFFFD".repeat(8)}: ${"\uFFFD".repeat(8)}`,
  }),
  attack("done, with names of prototypes", "returned", [done("R", "", "", "", "__proto__\0constructor\0toString\0")], {
    read: ["__proto__", "constructor", "toString"],
  }),
  attack("done, with a name of a prototype as the error's", "threw", [done("T", "__proto__", "constructor")], {
    text: "Error: __proto__: constructor",
  }),
];
