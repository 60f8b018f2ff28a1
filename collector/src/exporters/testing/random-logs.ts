import { STREAM_LABELS_ATTRIBUTE } from '@signalbox/signals/loki/named-labels';
import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Resource, Scope } from '@signalbox/signals/model/resource';

/** The same numbers for the same seed; mulberry32. */
export class Random {
  constructor(private state: number) {}
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  often(share: number): boolean {
    return this.next() < share;
  }
}

const KEYS = ['a', 'a.b', 'a_b', 'größe', '日本', '', '9x', '__x__', 'http.request.method', 'trace_id', 'severity_text', 'flags', 'service.name', 'scope_name', 'x'.repeat(200)];
const TEXTS = ['', 'GET', 'a longer text, which comes again and again', 'ünïcode 😀', 'y'.repeat(130), 'z'.repeat(2000)];

function value(random: Random, depth = 2): AnyValue {
  const scalar: (() => AnyValue)[] = [() => random.pick(TEXTS), () => `${random.next()}`, () => BigInt(random.below(5)), () => -BigInt(random.below(2 ** 31)), () => BigInt(random.below(2 ** 31)) << BigInt(random.below(33)), () => random.often(0.5), () => random.next() * 10 ** random.below(30), () => NaN, () => 0, () => null, () => Uint8Array.of(1, 2, random.below(256))];
  const nested: (() => AnyValue)[] = [() => [value(random, depth - 1), 1n], () => new KeyValueList([{ key: random.pick(KEYS), value: value(random, depth - 1) }, { key: 'in', value: 'side' }])];
  return random.pick(depth > 0 && random.often(0.1) ? nested : scalar)();
}

function attributes(random: Random, most: number): Attributes {
  return Array.from({ length: random.below(most + 1) }, () => ({ key: random.pick(KEYS), value: value(random) }));
}

function record(random: Random): LogRecord {
  const id = (bytes: number): string => Array.from({ length: bytes }, () => (1 + random.below(3)).toString(16).padStart(2, '0')).join('');
  const time = (): bigint => random.pick([0n, 1_700_000_000_000_000_000n + BigInt(random.below(50)) * 1_000_001n, 999_999_999n, 3_000_000_000n, 2n ** 63n - 1n, 2n ** 64n - 1n]);
  return {
    timeNs: time(), observedTimeNs: time(), severityNumber: random.pick([0, 0, 9, 17, 25, -1]), severityText: random.pick(['', 'INFO', 'error', 'whatever']),
    body: random.often(0.8) ? random.pick(TEXTS) : value(random), attributes: attributes(random, 5), droppedAttributesCount: random.pick([0, 0, 3, 70_000]),
    flags: random.pick([0, 1, 0x8000_0001]), traceId: random.pick(['', id(16)]), spanId: random.pick(['', id(8)]), eventName: random.pick(['', '', 'paid']),
  };
}

/** Log records in groups of fewer than `records` each, with all that is rare: empty groups, nested values, names that collide, times that are missing or extreme. */
export function randomLogs(random: Random, records: number): LogsData {
  const resource = (): Resource | null => random.often(0.1) ? null : { attributes: [{ key: 'service.name', value: random.pick(['shop', 'say "hi"\n', '\u{1f600}']) }, ...attributes(random, 3), ...(random.often(0.2) ? [{ key: STREAM_LABELS_ATTRIBUTE, value: ['a', 'service.name'] }] : [])], droppedAttributesCount: random.below(2) };
  const scope = (): Scope | null => random.often(0.3) ? null : { name: random.pick(['', 'winston']), version: random.pick(['', '3']), attributes: attributes(random, 1), droppedAttributesCount: random.below(2) };
  return { resourceLogs: Array.from({ length: 1 + random.below(3) }, () => ({ resource: resource(), schemaUrl: random.pick(['', 'http://schema']), scopeLogs: Array.from({ length: random.below(3) }, () => ({ scope: scope(), schemaUrl: '', logRecords: Array.from({ length: random.below(records) }, () => record(random)) })) })) };
}
