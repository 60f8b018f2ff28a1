import type { PushEntries } from './push-entries.js';

/** What a 429 of Loki is about (loki, pkg/validation/validate.go). */
export type Limit =
  /** These streams bring more in a second than one stream may: later they are taken, but in pieces if they are too much in one. */
  | { readonly kind: 'stream-rate'; readonly streams: ReadonlySet<string>; readonly tooMuch: boolean }
  /** Loki has as many streams as the tenant may have and begins no further ones, such as these; it goes on with those it has. */
  | { readonly kind: 'streams'; readonly streams: ReadonlySet<string> }
  /** The request alone is more than the tenant may send in a second: in one piece it might never be taken. */
  | { readonly kind: 'burst'; readonly streams: ReadonlySet<string> };

const STREAM_RATE = /Per stream rate limit exceeded \(limit: (\d+)([KMGTP]?)B\/sec\)/;
const UNITS = 'KMGTP';
/** What Loki says of a request that is larger than its parts may tell each other. */
export const TOO_LARGE = 'message larger than max';
const STREAMS = 'maximum active stream limit exceeded';
const TENANT_RATE = /ingestion rate limit exceeded for user .*?\(limit: (\d+) bytes\/sec\) while attempting to ingest '\d+' lines totaling '(\d+)' bytes/i;
const NONE: ReadonlySet<string> = new Set();

/** Of a 429 to a request with these items. Null for what concerns the request as a whole and passes by itself: overload, or the tenant's rate. */
export function limitOf(text: string, items: Uint32Array, entries: PushEntries): Limit | null {
  const streams = streamsIn(text, items, entries);
  if (text.includes(STREAMS)) return { kind: 'streams', streams };
  const streamRate = STREAM_RATE.exec(text);
  if (streamRate !== null) {
    const limitBytes = Number(streamRate[1]) * 1024 ** (UNITS.indexOf(streamRate[2] || '-') + 1);
    const named = items.filter((item) => streams.has(entries.labels(item)));
    // A stream is taken whole or not at all, and counts as what the lines and their metadata have.
    const tooMuch = named.length > 1 && named.reduce((sum, item) => sum + entries.size[item]!, 0) > limitBytes;
    return streams.size === 0 ? null : { kind: 'stream-rate', streams, tooMuch };
  }
  const rate = TENANT_RATE.exec(text);
  return rate !== null && Number(rate[2]) > Number(rate[1]) && items.length > 1 ? { kind: 'burst', streams: NONE } : null;
}

/** Labels of the items' streams that a text names. */
function streamsIn(text: string, items: Uint32Array, entries: PushEntries): ReadonlySet<string> {
  const numbers = new Set<number>();
  for (const item of items) numbers.add(entries.stream[item]!);
  return new Set([...numbers].map((stream) => entries.streams[stream]!).filter((labels) => text.includes(labels)));
}

/** Of an answer that is otherwise to be tried again: whether it will be the same every time. */
export function isStreamLimit(text: string): boolean {
  return text.includes(STREAMS);
}

/** Likewise: the request is larger than Loki's parts may tell each other (`grpc_server_max_recv_msg_size`), which it answers with 500 or 503. */
export function isTooLarge(text: string): boolean {
  return text.includes(TOO_LARGE);
}
