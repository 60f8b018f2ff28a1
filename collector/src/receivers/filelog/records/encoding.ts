import { Buffer, isUtf8 } from 'node:buffer';
import { DECODED_ENCODINGS, type ENCODINGS } from '../config.js';

export type Encoding = (typeof ENCODINGS)[number];

/** How bytes of a file are lines, and lines are text. */
export interface LineEncoding {
  /** Bytes of a newline. */
  readonly unit: 1 | 2;
  /** Lines are UTF-8 as they stand, if they are valid. */
  readonly utf8: boolean;
  /** Text is not looked for at all. */
  readonly raw: boolean;
  /** Place of the next newline, or -1. */
  newline(bytes: Buffer, from: number, to: number): number;
  text(bytes: Buffer, from: number, to: number): string;
  /** Bytes of a byte order mark at the beginning. */
  bom(bytes: Buffer, length: number): number;
  /** A place at or before `to` that is no place within a character. */
  boundary(bytes: Buffer, from: number, to: number): number;
}

const oneByte = {
  unit: 1 as const,
  newline: (bytes: Buffer, from: number, to: number): number => {
    const at = bytes.indexOf(0x0a, from);
    return at < to ? at : -1;
  },
  bom: () => 0,
  boundary: (_bytes: Buffer, _from: number, to: number) => to,
};

const utf8: LineEncoding = {
  ...oneByte,
  utf8: true,
  raw: false,
  text: (bytes, from, to) => bytes.toString('utf8', from, to),
  bom: (bytes, length) => (length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0),
  boundary: (bytes, from, to) => {
    for (let at = to; at > to - 4 && at > from; at--) if ((bytes[at]! & 0xc0) !== 0x80) return at;
    return to;
  },
};

function utf16(littleEndian: boolean): LineEncoding {
  return {
    unit: 2,
    utf8: false,
    raw: false,
    newline(bytes, from, to) {
      for (let at = from; ; at++) {
        at = bytes.indexOf(0x0a, at);
        if (at < 0 || at >= to) return -1;
        const start = littleEndian ? at : at - 1;
        if ((start - from) % 2 === 0 && start >= from && start + 1 < to && bytes[littleEndian ? at + 1 : at - 1] === 0) return start;
      }
    },
    text(bytes, from, to) {
      const whole = to - ((to - from) % 2);
      return littleEndian ? bytes.toString('utf16le', from, whole) : Buffer.from(bytes.subarray(from, whole)).swap16().toString('utf16le');
    },
    bom: (bytes, length) => (length >= 2 && bytes[0] === (littleEndian ? 0xff : 0xfe) && bytes[1] === (littleEndian ? 0xfe : 0xff) ? 2 : 0),
    boundary: (_bytes, from, to) => to - ((to - from) % 2),
  };
}

/**
 * Encodings of one or several bytes whose newline is that of ASCII, and no byte of another character; so they are all that this list of
 * the WHATWG Encoding Standard has, but for UTF-16 and ISO-2022-JP.
 */
function decoded(name: (typeof DECODED_ENCODINGS)[number]): LineEncoding {
  const decoder = new TextDecoder(name);
  const decode = name === 'windows-1252' ? fromWindows1252 : (bytes: Buffer): string => decoder.decode(bytes);
  return {
    ...oneByte,
    utf8: false,
    raw: false,
    text: (bytes, from, to) => decode(bytes.subarray(from, to)),
    // Behind a byte that is no part of a longer character in any of them; far back there is none in text of one such alphabet alone.
    boundary: (bytes, from, to) => {
      for (let at = to; at > Math.max(from, to - 4096); at--) if (bytes[at - 1]! < 0x30) return at;
      return to;
    },
  };
}

/** What the bytes 80 to 9f are in windows-1252; those without a character stay what they are in Latin-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Node.js before 23.2 takes windows-1252 for Latin-1. */
function fromWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
}

function isDecoded(name: Encoding): name is (typeof DECODED_ENCODINGS)[number] {
  return (DECODED_ENCODINGS as readonly string[]).includes(name);
}

export function lineEncoding(name: Encoding): LineEncoding {
  if (isDecoded(name)) return decoded(name);
  switch (name) {
    case 'utf-8':
    case 'utf-8-raw':
    case 'ascii':
    case 'us-ascii':
      return utf8;
    case 'latin1':
    case 'iso-8859-1':
      return { ...oneByte, utf8: false, raw: false, text: (bytes, from, to) => bytes.toString('latin1', from, to) };
    case 'utf-16le':
      return utf16(true);
    case 'utf-16be':
      return utf16(false);
    case 'nop':
      return { ...oneByte, utf8: false, raw: true, text: (bytes, from, to) => bytes.toString('latin1', from, to) };
  }
}

export { isUtf8 };
