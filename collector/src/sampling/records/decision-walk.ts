import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { readAnyValue } from '@signalbox/signals/otlp/protobuf/attributes';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { KeyValuePlace } from '../key-value-place.js';

const TRACE_ID_BYTES = 16;

export interface DecisionVisitor {
  /** An attribute of the scope of the records that follow. */
  scopeAttribute(key: string, value: unknown): void;
  /** The trace id's 16 bytes begin at `idAt`. */
  decision(idAt: number, sampled: boolean, from: number, to: number): void;
}

export interface DecisionWords {
  /** Body of the record of a trace that stays. */
  readonly sampled: string;
  /** Keys of the attributes with the first and the last position. */
  readonly from: string;
  readonly to: string;
}

/** What is asked for in every record, without an object for each of its attributes: who follows decisions needs few of them. */
export class DecisionWalk {
  readonly #sampled: Buffer;
  readonly #from: Buffer;
  readonly #to: Buffer;
  readonly #place = new KeyValuePlace();
  #first = 0;
  #last = 0;

  constructor({ sampled, from, to }: DecisionWords) {
    const text = Buffer.from(sampled);
    this.#sampled = Buffer.concat([Buffer.from([10, text.length]), text]);
    this.#from = Buffer.from(from);
    this.#to = Buffer.from(to);
  }

  /** Visits an ExportLogsServiceRequest of decisions; a scope stands in front of its records, as `encodeDecisions` has it. @throws OtlpError */
  visit(payload: Uint8Array, visitor: DecisionVisitor): void {
    const reader = new Reader(payload, MAX_DEPTH_CEILING);
    const end = reader.bytes.length;
    messages(reader, end, 10, (resourceEnd) => messages(reader, resourceEnd, 18, (scopeEnd) => this.#scopeLogs(reader, scopeEnd, visitor)));
  }

  #scopeLogs(reader: Reader, end: number, visitor: DecisionVisitor): void {
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) messages(reader, reader.limit(end), 26, (to) => attribute(reader, to, visitor));
      else if (tag === 18) this.#record(reader, reader.limit(end), visitor);
      else reader.skip(tag, end);
    }
  }

  #record(reader: Reader, end: number, visitor: DecisionVisitor): void {
    const { bytes } = reader;
    let idAt = -1;
    let sampled = false;
    this.#first = this.#last = 0;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 42: { // 5 body
          const to = reader.limit(end);
          sampled = equal(bytes, reader.pos, to, this.#sampled);
          reader.pos = to;
          break;
        }
        case 50: // 6 attributes
          this.#position(reader, reader.limit(end));
          break;
        case 74: { // 9 trace_id
          const to = reader.limit(end);
          idAt = to - reader.pos === TRACE_ID_BYTES ? reader.pos : -1;
          reader.pos = to;
          break;
        }
        default:
          reader.skip(tag, end);
      }
    }
    if (idAt >= 0) visitor.decision(idAt, sampled, this.#first, this.#last);
  }

  /** A KeyValue; of most the key says that it is not asked for. */
  #position(reader: Reader, end: number): void {
    const place = this.#place;
    place.find(reader, end);
    if (place.valueFrom < 0) return;
    const isFirst = equal(reader.bytes, place.keyFrom, place.keyTo, this.#from);
    if (!isFirst && !equal(reader.bytes, place.keyFrom, place.keyTo, this.#to)) return;
    reader.pos = place.valueFrom;
    const position = Number(readAnyValue(reader, place.valueTo));
    if (isFirst) this.#first = position;
    else this.#last = position;
    reader.pos = end;
  }
}

function messages(reader: Reader, end: number, wanted: number, visit: (end: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === wanted) visit(reader.limit(end));
    else reader.skip(tag, end);
  }
}

function attribute(reader: Reader, end: number, visitor: DecisionVisitor): void {
  let key = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) key = reader.string(end);
    else if (tag === 18) visitor.scopeAttribute(key, readAnyValue(reader, reader.limit(end)));
    else reader.skip(tag, end);
  }
}

function equal(bytes: Buffer, from: number, to: number, wanted: Buffer): boolean {
  if (to - from !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}
