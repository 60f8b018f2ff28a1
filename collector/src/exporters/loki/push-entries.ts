import { LokiTranslator, type LokiOptions } from '@signalbox/signals/loki/stream';
import type { Batch } from '../../component.js';
import { logItems } from '../items.js';

/** A log record on its way to Loki. */
export interface PushEntry {
  /** Number in the batch. */
  readonly item: number;
  /** Labels as Loki writes them: `{service_name="shop", severity="error"}`. */
  readonly stream: string;
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** About as many bytes as it takes in a request. */
  readonly bytes: number;
}

const ENTRY_OVERHEAD_BYTES = 24;
const PAIR_OVERHEAD_BYTES = 6;

/** All records of a batch, by stream and within it by time, as Loki likes them best. */
export function pushEntries(batch: Batch, options: LokiOptions): PushEntry[] {
  const translator = new LokiTranslator(options);
  const texts = new Map<Readonly<Record<string, string>>, string>();
  const streams = new Map<string, PushEntry[]>();
  for (const { resource, scope, record, item, part } of logItems(batch)) {
    const { stream: labels, timeNs, line, metadata } = translator.read(resource, scope, record, part.receivedNs);
    let bytes = ENTRY_OVERHEAD_BYTES + Buffer.byteLength(line);
    for (const [name, value] of metadata) bytes += PAIR_OVERHEAD_BYTES + name.length + value.length;
    let stream = texts.get(labels);
    if (stream === undefined) {
      stream = streamText(labels);
      texts.set(labels, stream);
    }
    const entry = { item, stream, timeNs, line, metadata, bytes };
    const entries = streams.get(stream);
    if (entries === undefined) streams.set(stream, [entry]);
    else entries.push(entry);
  }
  return [...streams].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, entries]) => inOrder(entries));
}

/** They mostly are, and items ascend. */
function inOrder(entries: PushEntry[]): readonly PushEntry[] {
  for (let i = 1; i < entries.length; i++) {
    if (entries[i]!.timeNs < entries[i - 1]!.timeNs) return entries.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.item - b.item));
  }
  return entries;
}

/** Cuts entries into runs of at most so many bytes and streams; an entry beyond the bytes is a run of its own. */
export function* requestsOf(entries: readonly PushEntry[], maxBytes: number, maxStreams: number): Generator<readonly PushEntry[]> {
  let from = 0;
  let bytes = 0;
  let streams = 0;
  for (const [i, entry] of entries.entries()) {
    const begins = i === from || entries[i - 1]?.stream !== entry.stream;
    const size = entry.bytes + (begins ? entry.stream.length : 0);
    if (i > from && (bytes + size > maxBytes || (begins && streams === maxStreams))) {
      yield entries.slice(from, i);
      from = i;
      bytes = 0;
      streams = 0;
    }
    if (begins || i === from) streams++;
    bytes += size;
  }
  if (from < entries.length) yield entries.slice(from);
}

/** Requests that must go one after the other, since they bring parts of the same stream, in a row of their own. */
export function rowsOf(requests: Iterable<readonly PushEntry[]>): (readonly PushEntry[])[][] {
  const rows: (readonly PushEntry[])[][] = [];
  let last: string | undefined;
  for (const request of requests) {
    if (request[0]?.stream === last) rows.at(-1)?.push(request);
    else rows.push([request]);
    last = request.at(-1)?.stream;
  }
  return rows;
}

function streamText(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels).map(([name, value]) => `${name}=${goQuoted(value)}`).join(', ')}}`;
}

/** A string literal that Loki's parser, which reads Go's, understands: JSON's escapes are among them. */
function goQuoted(value: string): string {
  return JSON.stringify(value.replace(/\p{Surrogate}/gu, '\ufffd'));
}
