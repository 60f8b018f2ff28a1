import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import { TIME_BYTES, type JsonBuffer } from '../json/json-buffer.js';
import { fieldName, stringText } from '../json/json-text.js';
import { Phrase } from '../json/phrase.js';
import { isRouting } from '../streams/routing.js';
import { KnownBytes } from './known-bytes.js';
import { decoded, escaped, id, number, value, zeros } from './wire-values.js';

/** Keys of attributes are few, unless somebody puts values into them. */
const MAX_KEYS = 10_000;
const MAX_RECORDS = 20_000_000;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const TIME_TAG = 9;
/** Numbers of severities, 0 for none. */
const SEVERITIES = 25;
/** A key with so many values that were new is one whose values do not come again. */
const MANY_VALUES = 200;
/** Attributes behind these share the memory of what stood in their place. */
const PLACES = 64;
/** Values of one key mostly end differently. */
const ENDS = 8;
/** What the same bytes are in different places. */
const FIRST_ATTRIBUTE = 0;
const NEXT_ATTRIBUTE = 1;
const SEVERITY_TEXT = 2;
const EVENT_NAME = 3;

/**
 * Writes log records in Elastic's OpenTelemetry mapping out of their protobuf, without objects in between. What is rare is left to those
 * who think about it: bodies and attributes that are not plain values, keys that stand twice, that are renamed or say where the document
 * goes, fields out of order, text that has to be escaped in other ways than ASCII's.
 */
export class WireLogs {
  private readonly keys = new BytesTable();
  /** By number of the key: `"key":`, without a comma in front and with it; null where the key is a rare one. */
  private fields: (readonly [Phrase, Phrase] | null)[] = [];
  /** By number of the key: the record that it was last written in. */
  private writtenIn = new Int32Array(64);
  /** By number of the key: how many values of it were not known yet. */
  private newValues = new Int32Array(64);
  private record = 0;
  private readonly known = new KnownBytes();
  /** By place among the attributes and last byte: the number of such an attribute that stood there last; and by place that of its key. */
  private readonly attributeBefore = new Int32Array(PLACES * ENDS).fill(-1);
  private readonly keyBefore = new Int32Array(PLACES);
  private readonly names = namesOf();
  private readonly severities = Array.from({ length: SEVERITIES }, (_, number) => Phrase.of(`,"severity_number":${number}`));

  /**
   * The record from where the reader stands up to `end`; `context` is the end of the document. False, with anything written, where the
   * record is a rare one.
   * @throws OtlpError where the bytes are malformed
   */
  write(out: JsonBuffer, reader: WireReader, end: number, receivedNs: bigint, dataStreamField: Phrase, context: Phrase): boolean {
    const { bytes, view } = reader;
    const { names } = this;
    let timeAt = -1;
    /** Where the time goes as soon as it is known; -1: it stands there. */
    let room = -1;
    let observedAt = -1;
    let hasAttributes = false;
    /** Fields met, one bit each. */
    let met = 0;
    this.record++;
    out.phrase(names.timestamp);
    // Mostly the first field.
    const { pos } = reader;
    if (pos + 9 <= end && bytes[pos] === TIME_TAG && !zeros(bytes, pos + 1, pos + 9)) out.timeOf(view.getUint32(pos + 5, true), view.getUint32(pos + 1, true));
    else room = out.leave(TIME_BYTES);
    out.phrase(dataStreamField);
    while (reader.pos < end) {
      const tag = reader.tag(end);
      const bit = tag < 128 ? 1 << (tag >>> 3) : 0;
      // Of a field that stands twice the last one counts.
      if ((met & bit) !== 0) return false;
      met |= bit;
      switch (tag) {
        case TIME_TAG: // 1 time_unix_nano
          reader.skipFixed(8, end);
          if (!zeros(bytes, reader.pos - 8, reader.pos)) timeAt = reader.pos - 8;
          break;
        case 16: // 2 severity_number
          reader.varint(end);
          if (reader.low > 0 && reader.low < SEVERITIES) out.phrase(this.severities[reader.low]);
          else number(out, ',"severity_number":', reader.low | 0);
          break;
        case 26: // 3 severity_text
          if (!this.word(out, names.severityText, SEVERITY_TEXT, reader, end)) return false;
          break;
        case 42: // 5 body
          if (!this.body(out, reader, reader.limit(end))) return false;
          break;
        case 50: // 6 attributes
          hasAttributes = true;
          if (!this.attributes(out, reader, end)) return false;
          break;
        case 56: // 7 dropped_attributes_count
          reader.varint(end);
          number(out, ',"dropped_attributes_count":', reader.low);
          break;
        case 69: // 8 flags
          reader.skipFixed(4, end);
          if (view.getUint32(reader.pos - 4, true) === 1) out.phrase(names.sampled);
          else number(out, ',"flags":', view.getUint32(reader.pos - 4, true));
          break;
        case 74: // 9 trace_id
          if (!id(out, names.traceId, names.traceIdEnd, reader, end, TRACE_ID_BYTES)) return false;
          break;
        case 82: // 10 span_id
          if (!id(out, names.spanId, names.spanIdEnd, reader, end, SPAN_ID_BYTES)) return false;
          break;
        case 89: // 11 observed_time_unix_nano
          reader.skipFixed(8, end);
          if (!zeros(bytes, reader.pos - 8, reader.pos)) observedAt = reader.pos - 8;
          break;
        case 98: // 12 event_name
          if (!this.word(out, names.eventName, EVENT_NAME, reader, end)) return false;
          break;
        default:
          reader.skip(tag, end);
      }
    }
    if (!hasAttributes) out.phrase(names.noAttributes);
    if (observedAt >= 0) {
      out.phrase(names.observed);
      out.timeOf(view.getUint32(observedAt + 4, true), view.getUint32(observedAt, true));
    }
    if (room >= 0) {
      const at = timeAt >= 0 ? timeAt : observedAt;
      if (at >= 0) out.fillTime(room, view.getUint32(at + 4, true), view.getUint32(at, true));
      else out.fillTime(room, Number(receivedNs >> 32n), Number(receivedNs & 0xffff_ffffn));
    }
    out.phrase(context);
    return true;
  }

  /** A field whose values are few; one without text is left out. */
  private word(out: JsonBuffer, name: Phrase, variant: number, reader: WireReader, end: number): boolean {
    const { bytes } = reader;
    const to = reader.limit(end);
    const from = reader.pos;
    if (from === to) return true;
    const known = this.known.find(bytes, from, to, variant);
    if (known >= 0) {
      reader.pos = to;
      out.phrase(this.known.phrases[known]);
      return true;
    }
    const begin = out.length;
    out.phrase(name);
    if (!escaped(out, reader, to)) return false;
    this.known.add(bytes, from, to, variant, out.written().subarray(begin), 0);
    return true;
  }

  /** A body of text; what has none is left out. */
  private body(out: JsonBuffer, reader: WireReader, end: number): boolean {
    if (reader.pos === end) return true;
    if (reader.tag(end) !== 10) return false; // 1 string_value
    const textEnd = reader.limit(end);
    if (textEnd !== end) return false;
    if (reader.pos === textEnd) return true;
    out.phrase(this.names.body);
    const { bytes, view, pos } = reader;
    reader.pos = textEnd;
    if (out.textBytes(bytes, view, pos, textEnd)) {
      out.phrase(this.names.plainBodyEnd);
      return true;
    }
    // The quote in front of it is there.
    if (!decoded(out, bytes, pos, textEnd, 1)) return false;
    out.phrase(this.names.bodyEnd);
    return true;
  }

  /** One attribute behind the other, the first one's tag read. */
  private attributes(out: JsonBuffer, reader: WireReader, end: number): boolean {
    const { bytes } = reader;
    out.phrase(this.names.attributes);
    const first = out.length;
    for (let place = 0; ; place++) {
      const attributeEnd = reader.limit(end);
      if (!this.attribute(out, reader, attributeEnd, place % PLACES, out.length > first ? NEXT_ATTRIBUTE : FIRST_ATTRIBUTE)) return false;
      if (reader.pos >= end || bytes[reader.pos] !== 50) break;
      reader.pos++;
    }
    out.phrase(this.names.attributesEnd);
    return true;
  }

  /** A key and a value, as most write them. In the same place of records before there mostly was the same key, and often the same value. */
  private attribute(out: JsonBuffer, reader: WireReader, end: number, place: number, variant: number): boolean {
    const { known } = this;
    const from = reader.pos;
    const slot = place * ENDS + (reader.bytes[end - 1] & (ENDS - 1));
    const before = this.attributeBefore[slot];
    if (known.holds(before, reader.bytes, from, end, variant)) return this.knownAttribute(out, reader, end, before);
    const keyBefore = this.keyBefore[place];
    const found = this.newValues[keyBefore] < MANY_VALUES ? known.find(reader.bytes, from, end, variant) : -1;
    if (found >= 0) {
      this.attributeBefore[slot] = found;
      this.keyBefore[place] = known.labels[found];
      return this.knownAttribute(out, reader, end, found);
    }
    if (reader.pos >= end || reader.tag(end) !== 10) return false; // 1 key
    const keyEnd = reader.limit(end);
    const key = this.keys.holds(keyBefore, reader.bytes, reader.pos, keyEnd, 0) ? keyBefore : this.key(reader.bytes, reader.pos, keyEnd);
    this.keyBefore[place] = key;
    const field = this.fields[key];
    if (field === null || this.writtenIn[key] === this.record) return false;
    reader.pos = keyEnd;
    if (reader.pos >= end || reader.tag(end) !== 18) return false; // 2 value
    const valueEnd = reader.limit(end);
    if (valueEnd !== end) return false;
    // No value at all: there is no such attribute.
    if (reader.pos === end) return true;
    this.writtenIn[key] = this.record;
    const begin = out.length;
    out.phrase(field[variant]);
    if (!value(out, reader, end)) return false;
    if (this.newValues[key] < MANY_VALUES && known.find(reader.bytes, from, end, variant) < 0) {
      this.newValues[key]++;
      known.add(reader.bytes, from, end, variant, out.written().subarray(begin), key);
    }
    return true;
  }

  private knownAttribute(out: JsonBuffer, reader: WireReader, end: number, known: number): boolean {
    const key = this.known.labels[known];
    if (this.writtenIn[key] === this.record) return false;
    this.writtenIn[key] = this.record;
    reader.pos = end;
    out.phrase(this.known.phrases[known]);
    return true;
  }

  private key(bytes: Buffer, from: number, to: number): number {
    const known = this.keys.find(bytes, from, to, 0);
    if (known >= 0) return known;
    const key = bytes.toString('utf8', from, to);
    // Bytes that are no text are looked at where they are decoded.
    const isRare = isRouting(key) || fieldName(key) !== key || key.includes('\ufffd');
    const number = this.keys.add(bytes, from, to, 0);
    this.fields[number] = isRare ? null : [Phrase.of(`${stringText(key)}:`), Phrase.of(`,${stringText(key)}:`)];
    if (number >= this.writtenIn.length) {
      this.writtenIn = longer(this.writtenIn);
      this.newValues = longer(this.newValues);
    }
    return number;
  }

  /** Knows too many keys to be kept, or what was long ago. */
  get isFull(): boolean {
    return this.keys.size > MAX_KEYS || this.record > MAX_RECORDS;
  }
}

function longer(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(numbers.length * 2);
  copy.set(numbers);
  return copy;
}

function namesOf() {
  return {
    timestamp: Phrase.of('{"@timestamp":'), severityText: Phrase.of(',"severity_text":'), body: Phrase.of(',"body":{"text":"'), attributes: Phrase.of(',"attributes":{'), noAttributes: Phrase.of(',"attributes":{}'),
    bodyEnd: Phrase.of('}'), plainBodyEnd: Phrase.of('"}'), attributesEnd: Phrase.of('}'), traceIdEnd: Phrase.of('"'), spanIdEnd: Phrase.of('"'),
    sampled: Phrase.of(',"flags":1'), traceId: Phrase.of(',"trace_id":"'), spanId: Phrase.of(',"span_id":"'), observed: Phrase.of(',"observed_timestamp":'), eventName: Phrase.of(',"event_name":'),
  };
}
