/**
 * What a guest may hand over at once. The guest's own code refuses more, so that a program reads the reason; what the host
 * gets beyond these limits all the same was forged.
 */

/** Bytes of a tool call's input, as JSON in UTF-8. */
export const maxInputBytes = 2 ** 20;
export const inputTooLong = (server: string, tool: string): string =>
  `The input of ${server}/${tool} is longer than ${maxInputBytes} bytes`;
/** UTF-16 units of the name of a server or a tool; at most three bytes each. */
export const maxNameLength = 256;
/** Values in one tool call's input: parsed, an empty object takes tens of times its two bytes. */
export const maxInputValues = 131_072;
/** Levels of nesting that may cross in either direction; engines' own parsers and writers overflow at a few thousand. */
export const maxDepth = 500;
/** Bytes of one frame from a runner after its length: the longest call, with its names and numbers. */
export const maxFrameBytes = maxInputBytes + 2_048;
/** Bytes of one frame to a runner: results come from servers, and programs from a model. */
export const maxFrameToRunnerBytes = 256 * 2 ** 20;
/** UTF-16 units of the name, the message and the stack of an uncaught error: together less than a frame. */
export const maxThrown = { name: 1_000, message: 200_000, stack: 50_000 } as const;
/** UTF-16 units of the paths that one run reports as read, and of those that it reports as written. */
export const maxReportedLength = 30_000;
/** Files that a workspace may list, and the bytes of their paths. */
export const maxListedFiles = 10_000;
export const maxListBytes = 2 ** 20;
