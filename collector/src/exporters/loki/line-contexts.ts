import { Buffer } from 'node:buffer';
import { namedStreamLabels } from '@signalbox/signals/loki/named-labels';
import { SEVERITIES } from '@signalbox/signals/loki/severity';
import { LokiTranslator, type LokiOptions } from '@signalbox/signals/loki/stream';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { readResource, readScope } from '@signalbox/signals/otlp/protobuf/resource';
import { NameTable } from './name-table.js';
import { protobufField } from '../protobuf-field.js';

/** More pairs of resource and scope, keys and names than applications have; beyond that all are forgotten. */
const MAX_CONTEXTS = 2000;
const MAX_NAMES = 20_000;

/** A message that may come in several parts, which are merged: from, to, from, to… */
export type Ranges = readonly number[];

const RECORD: LogRecord = {
  timeNs: 0n, observedTimeNs: 0n, severityNumber: 0, severityText: '', body: null, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
};

/** What the lines of a resource and scope have in common. */
export interface LineContext {
  readonly resource: Resource | null;
  readonly scope: Scope | null;
  /** Whether lines bring their severity as a label. */
  readonly severityLabel: boolean;
  /** Whether they bring it as structured metadata. */
  readonly severityMetadata: boolean;
  /** The stream of lines without a severity and with each, as Loki writes its labels: `{service_name="shop", severity="error"}`. */
  readonly streams: readonly string[];
  /** Structured metadata: fields 3 of an entry (logproto.EntryAdapter). */
  readonly metadata: Buffer;
  /** The numbers of its names. */
  readonly names: readonly number[];
}

/** Remembers the contexts of batches before, by the bytes of resource and scope. */
export class LineContexts {
  readonly translator: LokiTranslator;
  #names = new NameTable();
  readonly #known = new Map<string, LineContext>();

  constructor(private readonly options: LokiOptions) {
    this.translator = new LokiTranslator(options);
  }

  /** To be asked before each batch: what the numbers of a batch before meant may be forgotten then. */
  namesForBatch(): NameTable {
    if (this.#names.size > MAX_NAMES || this.#known.size > MAX_CONTEXTS) {
      this.#names = new NameTable();
      this.#known.clear();
    }
    return this.#names;
  }

  of(bytes: Buffer, resource: Ranges, scope: Ranges): LineContext {
    const key = `${keyOf(bytes, resource)} ${keyOf(bytes, scope)}`;
    let context = this.#known.get(key);
    if (context === undefined) {
      context = this.#make(read(bytes, resource, readResource), read(bytes, scope, readScope));
      this.#known.set(key, context);
    }
    return context;
  }

  #make(resource: Resource | null, scope: Scope | null): LineContext {
    const severities = [0, ...SEVERITIES.map((_, i) => 4 * i + 1)];
    const streams = severities.map((severityNumber) => streamText(this.translator.read(resource, scope, { ...RECORD, severityNumber }).stream));
    const pairs = [...this.translator.read(resource, scope, RECORD).metadata];
    const names = pairs.map(([name]) => this.#names.ofName(name));
    const metadata = Buffer.concat(pairs.map(([, value], i) => pairField(this.#names, names[i]!, value)));
    const pushed = resource !== null && namedStreamLabels(resource.attributes) !== null;
    return { resource, scope, severityLabel: !pushed && this.options.severity !== false, severityMetadata: !pushed, streams, metadata, names };
  }
}

/** A pair of structured metadata as field 3 of an entry. */
export function pairField(names: NameTable, name: number, value: string): Buffer {
  return protobufField(0x1a, Buffer.concat([names.fields[name]!, protobufField(0x12, Buffer.from(value, 'utf8'))])); // 3 structuredMetadata, 2 value
}

function keyOf(bytes: Buffer, ranges: Ranges): string {
  let key = '';
  for (let i = 0; i < ranges.length; i += 2) key += `${ranges[i + 1]! - ranges[i]!}:${bytes.toString('latin1', ranges[i], ranges[i + 1])}`;
  return key;
}

function read<T>(bytes: Buffer, ranges: Ranges, part: (reader: Reader, end: number, before: T | null) => T): T | null {
  if (ranges.length === 0) return null;
  const reader = new Reader(bytes, MAX_DEPTH_CEILING);
  let value: T | null = null;
  for (let i = 0; i < ranges.length; i += 2) {
    reader.pos = ranges[i]!;
    value = part(reader, ranges[i + 1]!, value);
  }
  return value;
}

function streamText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels).map(([name, value]) => `${name}=${goQuoted(value)}`).join(', ')}}`;
}

/** A string literal that Loki's parser, which reads Go's, understands: JSON's escapes are among them. */
function goQuoted(value: string): string {
  return JSON.stringify(value.replace(/\p{Surrogate}/gu, '\ufffd'));
}
