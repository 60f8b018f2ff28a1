import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { KeyValueList, type AnyValue, type KeyValue } from '@signalbox/signals/model/attributes';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { Database } from '../duckdb/database.js';
import { HotSpans } from '../hot/hot-spans.js';
import { STORED_SPAN_COLUMNS, storedSpan } from '../read/span-row.js';
import { storeSettings } from '../settings.js';
import { span, traces } from '../store-fixture.test.js';
import { appendTraces } from './span-model.js';
import { SpanWire } from './span-wire.js';

/** Records as object literals make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const hex = (digits: number): fc.Arbitrary<string> => fc.array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits }).map((d) => d.map((x) => x.toString(16)).join('')).filter((h) => /[1-9a-f]/.test(h));
const text = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 10 }), fc.constantFrom('', 'GET', '"', '\\', '\u0000', '\u2028', 'ü', '😀', 'x'.repeat(200)));
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const i64 = fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.constantFrom(0n, -1n, 9007199254740991n, 9007199254740992n, 9007199254740993n, 4294967296n, 10n, 99n, 100n));
const u32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffffffff }));
const leaf: fc.Arbitrary<AnyValue> = fc.oneof(text, fc.boolean(), i64, fc.double(), fc.constantFrom(-0, 0, 1, -5, 1e21, 1e300, NaN, Infinity, 0.1), fc.uint8Array({ maxLength: 20 }), fc.constant(null));
const value: fc.Arbitrary<AnyValue> = fc.oneof({ weight: 6, arbitrary: leaf }, { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) }, { weight: 1, arbitrary: fc.array(fc.tuple(text, leaf), { maxLength: 3 }).map((entries) => new KeyValueList(entries.map(([key, of]) => ({ key, value: of })))) });
const attributes: fc.Arbitrary<KeyValue[]> = fc.array(record({ key: fc.oneof(text, fc.constantFrom('http.route', 'http.route', 'k')), value }), { maxLength: 6 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> => fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });

export const anySpan: fc.Arbitrary<Span> = record({
  traceId: hex(32), spanId: hex(16), traceState: rarely(text, ''), parentSpanId: fc.oneof(fc.constant(''), hex(16)), flags: u32, name: text, kind: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  startNs: u64, endNs: u64, attributes, droppedAttributesCount: rarely(u32, 0),
  events: rarely(fc.array(record({ timeNs: u64, name: text, attributes, droppedAttributesCount: u32 }), { maxLength: 3 }), []), droppedEventsCount: rarely(u32, 0),
  links: rarely(fc.array(record({ traceId: hex(32), spanId: hex(16), traceState: text, attributes, droppedAttributesCount: u32, flags: u32 }), { maxLength: 3 }), []), droppedLinksCount: rarely(u32, 0),
  status: record({ code: fc.integer({ min: 0, max: 3 }), message: rarely(text, '') }),
});

export const anyTraces: fc.Arbitrary<TracesData> = fc.array(record({
  resource: fc.oneof(fc.constant(null), record({ attributes: fc.oneof(attributes, text.map((service) => [{ key: 'service.name', value: service }])), droppedAttributesCount: rarely(u32, 0) })), schemaUrl: rarely(text, ''),
  scopeSpans: fc.array(record({ scope: fc.oneof(fc.constant(null), record({ name: text, version: text, attributes, droppedAttributesCount: rarely(u32, 0) })), schemaUrl: rarely(text, ''), spans: fc.array(anySpan, { maxLength: 4 }) }), { maxLength: 3 }),
}), { maxLength: 3 }).map((resourceSpans) => ({ resourceSpans }));

describe('SpanWire', () => {
  let dir: string;
  let database: Database;
  let ids = 0;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-wire-'));
    await mkdir(join(dir, 'tmp'));
    database = await Database.open(dir, join(dir, 'tmp'), storeSettings().duckdb);
  });
  after(async () => {
    await database.close();
    await rm(dir, { recursive: true });
  });

  /** Everything that a fresh hot table knows after the append. */
  async function seen(append: (hot: HotSpans) => unknown): Promise<unknown> {
    const hot = await HotSpans.create(database, ++ids, 100);
    const result = append(hot);
    hot.flush();
    const rows = await database.query(new AbortController().signal, `SELECT ${STORED_SPAN_COLUMNS.join(', ')}, tenant FROM (${hot.source}) ORDER BY row_number`, [], (row) => ({ ...storedSpan(row), tenant: row.text(STORED_SPAN_COLUMNS.length) }));
    hot.seal();
    const blocks = hot.terms.finish().map((block) => ({ ...block, terms: [...block.terms] }));
    await hot.drop();
    return { result, rows, blocks, names: hot.names.toJson() };
  }

  const wire = new SpanWire();
  const byWire = (bytes: Uint8Array, rejected: readonly number[] = []): Promise<unknown> => seen((hot) => {
    const { delivered, invalid } = wire.append(hot, 't', bytes, rejected);
    return { delivered, invalid };
  });
  const byModel = (bytes: Uint8Array, rejected: readonly number[] = []): Promise<unknown> => seen((hot) => appendTraces(hot, 't', decodeTraces(bytes, rejected)));

  it('agrees with the way by the model on random requests', async function () {
    this.timeout(180_000);
    await fc.assert(fc.asyncProperty(anyTraces, fc.array(fc.nat(12), { maxLength: 3 }), async (data, rejected) => {
      const bytes = encodeTraces(data);
      assert.deepEqual(await byWire(bytes, rejected), await byModel(bytes, rejected));
    }), { numRuns: 150 });
  });

  it('agrees where attributes come again and again, over blocks, services and generations', async function () {
    this.timeout(180_000);
    const pool: KeyValue[] = [
      { key: 'http.request.method', value: 'GET' }, { key: 'http.request.method', value: 'PUT' }, { key: 'http.request.method', value: 'GET ' }, { key: 'k', value: '' }, { key: 'k', value: 7n }, { key: 'k', value: 0.5 },
      { key: 'user_agent', value: 'x'.repeat(90) }, { key: 'user_agent', value: 'x'.repeat(200) }, { key: 'cache.hit', value: true }, { key: 'cache.hit', value: false }, { key: 'ümlaut', value: 'ö' },
      { key: 'quoted', value: 'a "word"' }, { key: 'a.list', value: ['GET', 'PUT'] }, { key: 'nothing.at.all', value: null }, { key: 'a.long.name'.repeat(9), value: 'v' },
    ];
    const request = (service: string, count: number, from: number): Uint8Array => encodeTraces(traces(service, Array.from({ length: count }, (_, i) => span({
      name: `op ${(from + i) % 5}`, kind: (from + i) % 3,
      attributes: [...Array.from({ length: 5 }, (_, k) => pool[((from + i) * 7 + k * (1 + (i % 4))) % pool.length]), { key: 'never.the.same', value: `value ${from + i}` }, { key: 'seldom.the.same', value: `value ${(from + i) % 300}` }],
    }))));
    const requests = [request('shop', 1500, 0), request('cart', 1500, 1), request('shop', 3000, 5), request('cart', 2500, 2)];
    const all = (append: (hot: HotSpans, bytes: Uint8Array) => unknown) => (hot: HotSpans): unknown => requests.map((bytes) => append(hot, bytes));
    for (let generation = 0; generation < 2; generation++) {
      assert.deepEqual(await seen(all((hot, bytes) => wire.append(hot, 't', bytes, []).delivered)), await seen(all((hot, bytes) => appendTraces(hot, 't', decodeTraces(bytes, [])).delivered)));
    }
  });

  it('gives back what was sent', async function () {
    this.timeout(180_000);
    await fc.assert(fc.asyncProperty(fc.array(anySpan, { maxLength: 8 }), async (spans) => {
      const { rows } = (await byWire(encodeTraces(traces('s', spans)))) as { rows: { span: Span }[] };
      assert.deepEqual(rows.map((row) => row.span), spans);
    }), { numRuns: 100 });
  });

  it('agrees on fields in any order, sent twice, or unknown', async () => {
    const one = Buffer.from(encodeTraces(traces('s', [span({ name: 'a', attributes: [{ key: 'k', value: 'v' }] })])));
    const field = (tag: number, content: Uint8Array): Buffer => Buffer.concat([Buffer.from([tag, content.length]), content]);
    const id = Buffer.from('0af7651916cd43dd8448eb211c80319c00f067aa0ba902b7', 'hex');
    const ids2 = Buffer.concat([field(10, id.subarray(0, 16)), field(18, id.subarray(16))]);
    const key = field(10, Buffer.from('key'));
    const cases: Buffer[] = [
      one,
      // Value before key; two values; no value; no key; an empty value; a value of an unknown type; key with an invalid type.
      ...[[field(18, field(10, Buffer.from('x'))), key], [key, field(18, Buffer.from([24, 1])), field(18, Buffer.from([16, 1]))], [key], [field(18, Buffer.from([24, 1]))], [key, field(18, Buffer.alloc(0))], [key, field(18, field(106, Buffer.from('z')))], [key, field(18, Buffer.concat([Buffer.from([24, 5]), field(10, Buffer.from('last'))]))]]
        .map((parts) => field(10, field(18, field(18, Buffer.concat([ids2, field(74, Buffer.concat(parts))]))))),
      // Scalars twice, the last one counts; status in two parts; an unknown field.
      field(10, field(18, field(18, Buffer.concat([ids2, field(42, Buffer.from('first')), field(42, Buffer.from('second')), Buffer.from([48, 1, 48, 2]), field(122, Buffer.from([24, 2])), field(122, field(18, Buffer.from('m')))])))),
      field(10, field(18, field(18, Buffer.concat([ids2, Buffer.from([0xa0, 0x06, 1])])))),
      // The resource behind the spans, and in two parts; likewise the scope.
      field(10, Buffer.concat([field(18, Buffer.concat([field(18, ids2), field(10, field(10, Buffer.from('scope'))), field(10, field(18, Buffer.from('1')))])), field(10, field(10, Buffer.concat([field(10, Buffer.from('service.name')), field(18, field(10, Buffer.from('late')))]))), field(10, Buffer.from([16, 3]))])),
      // No ids, short ids.
      field(10, field(18, Buffer.concat([field(18, Buffer.alloc(0)), field(18, field(10, id.subarray(0, 8))), field(18, ids2)]))),
    ];
    for (const bytes of cases) assert.deepEqual(await byWire(bytes), await byModel(bytes), bytes.toString('hex'));
  });

  it('keeps what came before malformed bytes, and never fails for what is in them', async function () {
    this.timeout(180_000);
    const whole = encodeTraces(traces('s', [span({ attributes: [{ key: 'a', value: 1n }] }), span({ status: { code: 1, message: 'm' }, events: [{ timeNs: 1n, name: 'e', attributes: [], droppedAttributesCount: 0 }] })]));
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, byte, length) => {
      const bytes = Buffer.from(whole.subarray(0, Math.max(length, at + 1)));
      bytes[at] = byte;
      const { result, rows } = (await byWire(bytes)) as { result: { delivered: number }; rows: unknown[] };
      assert.equal(rows.length, result.delivered);
      let expected: unknown = null;
      try {
        decodeTraces(bytes);
        expected = await byModel(bytes);
      } catch {
        return;
      }
      assert.deepEqual(await byWire(bytes), expected);
    }), { numRuns: 200 });
  });
});
