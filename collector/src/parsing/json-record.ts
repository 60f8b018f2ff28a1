import { Buffer } from 'node:buffer';
import { DOUBLE, FALSE, INT, JsonScan, NULL, STRING, TRUE, hashOfKey } from './json-scan.js';
import { MAX_SEVERITY_LENGTH, ROLES, type Role } from './lift.js';
import { putVarint, varintSize, type LogRequest } from './log-request.js';
import { copy, isHexId, putBytes, putHex, putWideVarint, wideVarintSize } from './record-bytes.js';
import { severityOfName } from './severity.js';
import { daysFromCivil } from './timestamp.js';

export interface JsonRecordOptions {
  /** Fields with known names take their places in the record (see `lift`); else all of them are attributes. */
  readonly lift: boolean;
  /** The line stays the body. */
  readonly keepLine: boolean;
}

/** Small numbers for roles, so that they fit a typed array. */
const TIME = 1;
const SEVERITY = 2;
const BODY = 3;
const TRACE = 4;
const SPAN = 5;
const CODES: Readonly<Record<Role, number>> = { time: TIME, severity: SEVERITY, body: BODY, trace: TRACE, span: SPAN };

/** Open addressing over the hashes of the few names that have a role; free slots have code 0. */
const SLOTS = 256;
const MAX_KNOWN_SEVERITIES = 256;

/**
 * Writes a flat JSON line as an OTLP log record straight from its bytes. What it writes decodes to the same as `parseJson`, `lift`
 * and `LogRequest.entry` make of the line; lines that it does not know how to read it leaves to them.
 */
export class JsonRecordWriter {
  readonly #options: JsonRecordOptions;
  readonly #scan = new JsonScan();
  readonly #slotHash = new Int32Array(SLOTS);
  readonly #slotCode = new Uint8Array(SLOTS);
  readonly #slotName: (Buffer | null)[] = new Array<Buffer | null>(SLOTS).fill(null);
  /** Size of each field's KeyValue, and of the value in it; 0 where it is no attribute. */
  readonly #pairSize = new Int32Array(64);
  readonly #valueSize = new Int32Array(64);
  readonly #severities = new Map<string, number>();
  #lastSeverity = new Uint8Array(0);
  #lastSeverityNumber = -1;
  #seconds = 0;
  #nanos = 0;

  constructor(options: JsonRecordOptions) {
    this.#options = options;
    for (const [name, role] of options.lift ? ROLES : []) {
      if (role === 'body' && options.keepLine) continue;
      const hash = hashOfKey(name);
      let slot = hash & (SLOTS - 1);
      while (this.#slotCode[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.#slotHash[slot] = hash;
      this.#slotCode[slot] = CODES[role];
      this.#slotName[slot] = Buffer.from(name);
    }
  }

  /**
   * Appends the line from `start` to `end`; false, with nothing appended, when it is not flat or otherwise unusual.
   * @param observedLow, observedHigh the halves of the time observed, in nanoseconds
   */
  write(line: Buffer, start: number, end: number, out: LogRequest, observedLow: number, observedHigh: number, extra: Uint8Array): boolean {
    const scan = this.#scan;
    if (!scan.scan(line, start, end)) return false;
    const { fields, kind, keyStart, keyEnd, valueStart, valueEnd, number } = scan;
    let time = -1;
    let severity = -1;
    let body = -1;
    let trace = -1;
    let span = -1;
    let severityNumber = 0;
    let size = 9 + extra.length;
    for (let i = 0; i < fields; i++) {
      const length = valueEnd[i]! - valueStart[i]!;
      if (this.#options.lift) {
        const role = this.#roleOf(line, i);
        if (role === TIME && time < 0) {
          // Other ways to write a time are rarer; so are numbers.
          if (kind[i] !== STRING || !this.#readTime(line, valueStart[i]!, valueEnd[i]!)) return false;
          time = i;
          size += 9;
          this.#pairSize[i] = 0;
          continue;
        }
        if (role === SEVERITY && severity < 0) {
          if (kind[i] !== STRING || length === 0 || length > MAX_SEVERITY_LENGTH) return false;
          severityNumber = this.#severityAt(line, valueStart[i]!, length);
          if (severityNumber < 0) return false;
          severity = i;
          size += 2 + length + (severityNumber > 0 ? 2 : 0);
          this.#pairSize[i] = 0;
          continue;
        }
        if (role === BODY && body < 0 && kind[i] === STRING) {
          body = i;
          const inner = 1 + varintSize(length) + length;
          size += 1 + varintSize(inner) + inner;
          this.#pairSize[i] = 0;
          continue;
        }
        if (role === TRACE && trace < 0 && kind[i] === STRING && length === 32 && isHexId(line, valueStart[i]!, 32)) {
          trace = i;
          size += 18;
          this.#pairSize[i] = 0;
          continue;
        }
        if (role === SPAN && span < 0 && kind[i] === STRING && length === 16 && isHexId(line, valueStart[i]!, 16)) {
          span = i;
          size += 10;
          this.#pairSize[i] = 0;
          continue;
        }
      }
      const valueSize = kind[i] === STRING ? 1 + varintSize(length) + length : kind[i] === INT ? 1 + wideVarintSize(number[i]!) : kind[i] === DOUBLE ? 9 : kind[i] === NULL ? 0 : 2;
      const keyLength = keyEnd[i]! - keyStart[i]!;
      // proto3 leaves out an empty key.
      const pairSize = (keyLength === 0 ? 0 : 1 + varintSize(keyLength) + keyLength) + 1 + varintSize(valueSize) + valueSize;
      this.#valueSize[i] = valueSize;
      this.#pairSize[i] = pairSize;
      size += 1 + varintSize(pairSize) + pairSize;
    }
    const lineLength = end - start;
    if (body < 0) {
      const inner = 1 + varintSize(lineLength) + lineLength;
      size += 1 + varintSize(inner) + inner;
    }

    out.reserve(size + 6);
    const bytes = out.bytes;
    let at = out.pos;
    bytes[at++] = 18;
    at = putVarint(bytes, at, size);
    if (time >= 0) {
      bytes[at++] = 9;
      this.#putTime(out.view, at);
      at += 8;
    }
    if (severity >= 0) {
      if (severityNumber > 0) {
        bytes[at++] = 16;
        bytes[at++] = severityNumber;
      }
      bytes[at++] = 26;
      at = putBytes(out.view, bytes, at, scan.view, line, valueStart[severity]!, valueEnd[severity]!);
    }
    const bodyStart = body < 0 ? start : valueStart[body]!;
    const bodyEnd = body < 0 ? end : valueEnd[body]!;
    bytes[at++] = 42;
    at = putVarint(bytes, at, 1 + varintSize(bodyEnd - bodyStart) + bodyEnd - bodyStart);
    bytes[at++] = 10;
    at = putBytes(out.view, bytes, at, scan.view, line, bodyStart, bodyEnd);
    for (let i = 0; i < fields; i++) {
      if (this.#pairSize[i] === 0) continue;
      bytes[at++] = 50;
      at = putVarint(bytes, at, this.#pairSize[i]!);
      if (keyEnd[i]! > keyStart[i]!) {
        bytes[at++] = 10;
        at = putBytes(out.view, bytes, at, scan.view, line, keyStart[i]!, keyEnd[i]!);
      }
      bytes[at++] = 18;
      at = putVarint(bytes, at, this.#valueSize[i]!);
      switch (kind[i]) {
        case STRING:
          bytes[at++] = 10;
          at = putBytes(out.view, bytes, at, scan.view, line, valueStart[i]!, valueEnd[i]!);
          break;
        case INT:
          bytes[at++] = 24;
          at = putWideVarint(bytes, at, number[i]!);
          break;
        case DOUBLE:
          bytes[at++] = 33;
          out.view.setFloat64(at, number[i]!, true);
          at += 8;
          break;
        case TRUE:
        case FALSE:
          bytes[at++] = 16;
          bytes[at++] = kind[i] === TRUE ? 1 : 0;
          break;
      }
    }
    if (extra.length > 0) at = copy(bytes, at, extra, 0, extra.length);
    if (trace >= 0) {
      bytes[at++] = 74;
      bytes[at++] = 16;
      at = putHex(bytes, at, line, valueStart[trace]!, 16);
    }
    if (span >= 0) {
      bytes[at++] = 82;
      bytes[at++] = 8;
      at = putHex(bytes, at, line, valueStart[span]!, 8);
    }
    bytes[at++] = 89;
    out.view.setUint32(at, observedLow, true);
    out.view.setUint32(at + 4, observedHigh, true);
    out.pos = at + 8;
    out.items++;
    return true;
  }

  #roleOf(line: Uint8Array, field: number): number {
    const hash = this.#scan.keyHash[field]!;
    for (let slot = hash & (SLOTS - 1); this.#slotCode[slot] !== 0; slot = (slot + 1) & (SLOTS - 1)) {
      if (this.#slotHash[slot] !== hash) continue;
      const name = this.#slotName[slot]!;
      const start = this.#scan.keyStart[field]!;
      if (this.#scan.keyEnd[field]! - start !== name.length) continue;
      let same = true;
      for (let i = 0; i < name.length && same; i++) same = name[i] === line[start + i];
      if (same) return this.#slotCode[slot]!;
    }
    return 0;
  }

  /** Lines mostly have the severity of the line before: then no string is made of it. */
  #severityAt(line: Buffer, start: number, length: number): number {
    const last = this.#lastSeverity;
    let same = length === last.length;
    for (let i = 0; i < length && same; i++) same = last[i] === line[start + i];
    if (same) return this.#lastSeverityNumber;
    this.#lastSeverity = Uint8Array.from(line.subarray(start, start + length));
    return (this.#lastSeverityNumber = this.#severityOf(line.toString('latin1', start, start + length)));
  }

  /** -1 for what is not ASCII. */
  #severityOf(text: string): number {
    let known = this.#severities.get(text);
    if (known === undefined) {
      known = /^[\x20-\x7e]*$/.test(text) ? severityOfName(text) : -1;
      if (this.#severities.size < MAX_KNOWN_SEVERITIES) this.#severities.set(text, known);
    }
    return known;
  }

  /** `2026-01-02T03:04:05.123456789Z`: the zone Z, a fraction of 1 to 9 digits or none. */
  #readTime(line: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length < 20 || length > 30 || line[end - 1] !== 0x5a || line[start + 4] !== 0x2d || line[start + 7] !== 0x2d || line[start + 13] !== 0x3a || line[start + 16] !== 0x3a) return false;
    const separator = line[start + 10];
    if (separator !== 0x54 && separator !== 0x20) return false;
    const year = two(line, start) * 100 + two(line, start + 2);
    const month = two(line, start + 5);
    const day = two(line, start + 8);
    const hour = two(line, start + 11);
    const minute = two(line, start + 14);
    const second = two(line, start + 17);
    let nanos = 0;
    if (length > 20) {
      if (line[start + 19] !== 0x2e || length === 21) return false;
      for (let i = start + 20; i < end - 1; i++) {
        const digit = line[i]! - 0x30;
        if (digit < 0 || digit > 9) return false;
        nanos = nanos * 10 + digit;
      }
      for (let i = length - 21; i < 9; i++) nanos *= 10;
    }
    const days = Number.isNaN(year + month + day + hour + minute + second) ? null : daysFromCivil(year, month, day);
    if (days === null || hour > 23 || minute > 59 || second > 60) return false;
    this.#seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    this.#nanos = nanos;
    return true;
  }

  /** seconds × 10^9 + nanos in two halves, without leaving what doubles hold exactly. */
  #putTime(view: DataView, at: number): void {
    const upper = Math.floor(this.#seconds / 65_536) * 1e9;
    // A remainder of doubles is a call; these are a few instructions.
    const upperHigh = Math.floor(upper / 65_536);
    const lower = (this.#seconds - Math.floor(this.#seconds / 65_536) * 65_536) * 1e9 + this.#nanos + (upper - upperHigh * 65_536) * 65_536;
    const lowerHigh = Math.floor(lower / 4_294_967_296);
    view.setUint32(at, lower - lowerHigh * 4_294_967_296, true);
    view.setUint32(at + 4, upperHigh + lowerHigh, true);
  }
}

/** NaN where there are no two digits. */
function two(line: Uint8Array, at: number): number {
  const tens = line[at]! - 0x30;
  const ones = line[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}
