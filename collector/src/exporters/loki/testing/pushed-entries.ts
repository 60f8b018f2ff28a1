import { Reader } from '@signalbox/signals/otlp/protobuf/reader';

/** An entry as Loki reads it from a push. */
export interface PushedEntry {
  readonly labels: string;
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The entries of a logproto.PushRequest (loki, pkg/push/push.proto), for tests. @throws where a name stands twice */
export function pushedEntries(bytes: Uint8Array): PushedEntry[] {
  const reader = new Reader(bytes, 8);
  const found: PushedEntry[] = [];
  fields(reader, bytes.length, (_stream, end) => {
    let labels = '';
    fields(reader, end, (tag, to) => {
      if (tag === 0x0a) labels = text(reader, to);
      else found.push({ labels, ...entry(reader, to) });
    });
  });
  return found;
}

function entry(reader: Reader, end: number): Omit<PushedEntry, 'labels'> {
  let timeNs = 0n;
  let line = '';
  const metadata: [string, string][] = [];
  fields(reader, end, (tag, to) => {
    if (tag === 0x0a) timeNs = timestamp(reader, to);
    else if (tag === 0x12) line = text(reader, to);
    else {
      const pair = ['', ''] as [string, string];
      fields(reader, to, (of, valueEnd) => (pair[of === 0x0a ? 0 : 1] = text(reader, valueEnd)));
      if (metadata.some(([name]) => name === pair[0])) throw new Error(`${pair[0]} stands twice`);
      metadata.push(pair);
    }
  });
  return { timeNs, line, metadata: Object.fromEntries(metadata) };
}

function timestamp(reader: Reader, end: number): bigint {
  let timeNs = 0n;
  while (reader.pos < end) timeNs += reader.tag(end) === 0x08 ? reader.int64(end) * 1_000_000_000n : reader.int64(end);
  return timeNs;
}

/** Visits fields that have a length. */
function fields(reader: Reader, end: number, visit: (tag: number, end: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    const to = reader.limit(end);
    visit(tag, to);
    reader.pos = to;
  }
}

function text(reader: Reader, end: number): string {
  return reader.bytes.toString('utf8', reader.pos, end);
}
