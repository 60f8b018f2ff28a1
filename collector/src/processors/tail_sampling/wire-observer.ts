import type { Frame } from '@signalbox/journal/frame';
import { readAnyValue } from '@signalbox/signals/otlp/protobuf/attributes';
import type { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { KeyValuePlace } from '../../sampling/key-value-place.js';
import { sameTrace, walkSpans, type Ranges, type SpanVisitor } from '../../sampling/span-walk.js';
import type { TraceFacts } from '../../sampling/trace-facts.js';
import type { TraceLookup } from '../../sampling/trace-sampler.js';
import { hasTraceState, type AttributeCondition, type SpanConditions } from './conditions.js';

interface AskedKey {
  readonly bytes: Buffer;
  readonly conditions: readonly AttributeCondition[];
}

/** Gathers facts from spans on the wire, without an object per span; of attributes only those are read that conditions ask for. */
export class WireObserver implements SpanVisitor {
  /** By the key's length in bytes, by which most keys are told apart. */
  readonly #byLength: (readonly AskedKey[] | undefined)[] = [];
  #traces: TraceLookup | null = null;
  /** Met by the resource of the spans at hand. */
  #ofResource: readonly number[] = [];
  /** Met by the span at hand. */
  readonly #met: number[] = [];
  #trace: TraceFacts | null = null;
  #traceAt = -1;
  readonly #place = new KeyValuePlace();

  constructor(private readonly conditions: SpanConditions) {
    for (const [key, list] of conditions.attributes) {
      const bytes = Buffer.from(key);
      this.#byLength[bytes.length] = [...(this.#byLength[bytes.length] ?? []), { bytes, conditions: list }];
    }
  }

  /** @throws OtlpError */
  observe({ payload, rejected }: Frame, traces: TraceLookup): void {
    this.#traces = traces;
    this.#traceAt = -1;
    walkSpans(payload, rejected, this);
  }

  resource(reader: Reader, resource: Ranges): void {
    if (this.#byLength.length === 0) return;
    this.#met.length = 0;
    for (let i = 0; i < resource.length; i += 2) {
      reader.pos = resource[i];
      const end = resource[i + 1];
      while (reader.pos < end) {
        const tag = reader.tag(end);
        if (tag === 10) this.#attribute(reader, reader.limit(end));
        else reader.skip(tag, end);
      }
    }
    this.#ofResource = [...this.#met];
  }

  span(reader: Reader, end: number): void {
    const from = reader.pos;
    const wantsAttributes = this.#byLength.length > 0;
    let traceAt = -1;
    let startAt = -1;
    let endAt = -1;
    let status = 0;
    let state = '';
    this.#met.length = 0;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 10: { // 1 trace_id
          const to = reader.limit(end);
          traceAt = to - reader.pos === 16 ? reader.pos : -1;
          reader.pos = to;
          break;
        }
        case 26: // 3 trace_state
          if (this.conditions.traceStates.length > 0) state = reader.string(end);
          else reader.skip(tag, end);
          break;
        case 57: // 7 start_time_unix_nano
          startAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 65: // 8 end_time_unix_nano
          endAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 74: // 9 attributes
          if (wantsAttributes) this.#attribute(reader, reader.limit(end));
          else reader.skip(tag, end);
          break;
        case 122: { // 15 status
          const statusEnd = reader.limit(end);
          while (reader.pos < statusEnd) {
            const field = reader.tag(statusEnd);
            if (field === 24) status = reader.int32(statusEnd);
            else reader.skip(field, statusEnd);
          }
          break;
        }
        default:
          reader.skip(tag, end);
      }
    }
    if (traceAt < 0) return;
    const trace = this.#traceOf(reader.bytes, traceAt);
    if (!trace) return;
    const { view } = reader;
    trace.spans++;
    trace.bytes += end - from;
    trace.time(startAt < 0 ? 0 : view.getUint32(startAt + 4, true), startAt < 0 ? 0 : view.getUint32(startAt, true), endAt < 0 ? 0 : view.getUint32(endAt + 4, true), endAt < 0 ? 0 : view.getUint32(endAt, true));
    for (const number of this.#ofResource) trace.meet(number);
    for (const number of this.#met) trace.meet(number);
    for (const { number, codes } of this.conditions.statuses) if (status >= 0 && status < 32 && (codes & (1 << status)) !== 0) trace.meet(number);
    for (const { number, key, values } of this.conditions.traceStates) if (state !== '' && hasTraceState(state, key, values)) trace.meet(number);
  }

  /** Spans of one trace often follow each other. */
  #traceOf(bytes: Buffer, at: number): TraceFacts | null {
    const same = this.#traceAt >= 0 && sameTrace(bytes, this.#traceAt, at);
    this.#traceAt = at;
    if (!same) this.#trace = this.#traces!.byBytes(bytes, at);
    return this.#trace;
  }

  #attribute(reader: Reader, end: number): void {
    if (this.#passes(reader.bytes, reader.pos, end)) {
      reader.pos = end;
      return;
    }
    const place = this.#place;
    place.find(reader, end);
    const key = asked(this.#byLength[place.keyTo - place.keyFrom], reader.bytes, place.keyFrom);
    if (key === undefined || place.valueFrom < 0) return;
    reader.pos = place.valueFrom;
    const value = readAnyValue(reader, place.valueTo);
    reader.pos = end;
    for (const { number, matches } of key) if (matches(value)) this.#met.push(number);
  }

  /** Whether an attribute as nearly all are written, a short key and a value behind it, has a key of a length that no condition asks for. */
  #passes(bytes: Buffer, from: number, end: number): boolean {
    const value = from + 2 + bytes[from + 1];
    return value + 2 < end && bytes[from] === 10 && bytes[from + 1] < 0x80 && this.#byLength[bytes[from + 1]] === undefined && bytes[value] === 18 && value + 2 + bytes[value + 1] === end && bytes[value + 1] < 0x80;
  }
}

/** The conditions for the key that begins at `at`, among keys of its length. */
function asked(keys: readonly AskedKey[] | undefined, bytes: Buffer, at: number): readonly AttributeCondition[] | undefined {
  if (keys === undefined) return undefined;
  for (const { bytes: key, conditions } of keys) {
    let i = key.length - 1;
    while (i >= 0 && bytes[at + i] === key[i]) i--;
    if (i < 0) return conditions;
  }
  return undefined;
}
