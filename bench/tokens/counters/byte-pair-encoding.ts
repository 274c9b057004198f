/**
 * One byte-pair engine for every public vocabulary. The libraries are quadratic on long runs without a break, which real
 * tool results hold (base64, padding, rulers): tiktoken panics on a megabyte of one letter. The tests hold this one to
 * tiktoken's ids.
 */
import { mergePiece } from "./merge.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface BytePairEncoding {
  /** Number of tokens; special-token spellings are ordinary text. Never throws on any string. */
  count(text: string): number;
  /** The tokens themselves. For comparing with another implementation. */
  encode(text: string): number[];
}

/**
 * UTF-16 units handed to the regular expression at once. V8's backtrack stack overflows where one repeated class runs
 * on for some five million. A longer text is cut between two pieces; only a single run longer than this is cut inside,
 * which can add a token for each four million characters.
 */
const defaultMaxUnits = 4_000_000;
/** How far back from the limit a cut between two pieces is looked for. */
const cutSearchUnits = 100_000;
/**
 * After a letter or number, patterns continue only with letters, numbers, marks or an apostrophe. Before any other
 * character a piece ends.
 */
const sureCut = /(?<=[\p{L}\p{N}])[^\p{L}\p{N}\p{M}']/gu;

/** Longer pieces are rare, and would make the cache's size hard to foresee. */
const maxCachedUnits = 48;
const maxCachedPieces = 100_000;

/** Any piece's bytes, one character each; a lone surrogate becomes U+FFFD, as TextEncoder has it. */
const byteString = (piece: string): string => Buffer.from(piece, "utf8").toString("latin1");

/** V8 lets a slice keep its whole parent text alive; a copy does not. Up to 12 units a slice is a copy already. */
const copyOf = (piece: string): string => (piece.length < 13 ? piece : Buffer.from(piece, "utf16le").toString("utf16le"));

/** @param maxUnits lower only in tests, to see texts cut into parts */
export function bytePairEncoding({ pieces, ranks }: Vocabulary, maxUnits = defaultMaxUnits): BytePairEncoding {
  const counts = new Map<string, number>();

  const countPiece = (piece: string): number => {
    const bytes = byteString(piece);
    const tokens = ranks.has(bytes) ? 1 : mergePiece(bytes, ranks);
    if (piece.length > maxCachedUnits) return tokens;
    // Words follow a power law: after a full clear the frequent ones are back at once, so no order has to be kept.
    if (counts.size >= maxCachedPieces) counts.clear();
    counts.set(copyOf(piece), tokens);
    return tokens;
  };

  const countPart = (text: string): number => {
    let tokens = 0;
    let start = 0;
    pieces.lastIndex = 0;
    while (pieces.test(text)) {
      const end = pieces.lastIndex;
      const piece = text.slice(start, end);
      tokens += counts.get(piece) ?? countPiece(piece);
      start = end;
    }
    return tokens;
  };

  return {
    count(text) {
      if (text.length <= maxUnits) return countPart(text);
      let tokens = 0;
      for (const part of parts(text, maxUnits)) tokens += countPart(part);
      return tokens;
    },
    encode(text) {
      const ids: number[] = [];
      for (const part of parts(text, maxUnits)) {
        for (const [piece] of part.matchAll(new RegExp(pieces, "gu"))) {
          const bytes = byteString(piece);
          const id = ranks.get(bytes);
          if (id === undefined) mergePiece(bytes, ranks, ids);
          else ids.push(id);
        }
      }
      return ids;
    },
  };
}

/** The text in parts of at most `maxUnits`, cut where a piece ends in any case. */
function* parts(text: string, maxUnits: number): Generator<string> {
  let start = 0;
  while (text.length - start > maxUnits) {
    const cut = start + cutWithin(text.slice(start, start + maxUnits));
    yield text.slice(start, cut);
    start = cut;
  }
  yield text.slice(start);
}

function cutWithin(window: string): number {
  const from = Math.max(0, window.length - cutSearchUnits);
  const last = Array.from(window.slice(from).matchAll(sureCut)).at(-1);
  if (last) return from + last.index;
  // One run without a break: cut it, though not between the halves of a surrogate pair.
  const code = window.charCodeAt(window.length - 1);
  return code >= 0xd800 && code < 0xdc00 ? window.length - 1 : window.length;
}
