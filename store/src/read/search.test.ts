import assert from 'node:assert/strict';
import type { SpanCondition, SpanSearch } from '@signalbox/query/readers';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { Span } from '@signalbox/signals/model/span';
import { context, span, StoreFixture, traces } from '../store-fixture.test.js';

const ALL = { startNs: 0n, endNs: 1n << 64n };
const T0 = 1_700_000_000_000_000_000n;

function search(conditions: readonly SpanCondition[], more: Partial<SpanSearch> = {}): SpanSearch {
  return { range: ALL, conditions, limit: 20, spansPerTrace: 3, ...more };
}

function traceId(n: number): string {
  return n.toString(16).padStart(32, '0');
}

function on(scope: SpanCondition['scope'], key: string, op: SpanCondition['op'], value: SpanCondition['value']): SpanCondition {
  return { scope, key, op, value };
}

describe('search conditions', () => {
  let fixture: StoreFixture;
  before(async () => {
    fixture = await StoreFixture.open();
    const attributes: [string, AnyValue][] = [
      ['s', 'text "quoted" \\ ü'], ['i', 200n], ['d', 2.5], ['w', 200], ['b', true], ['a/b~c', 'path'], ['none', null], ['list', ['x', 'y']], ['empty', []], ['map', new KeyValueList([{ key: 'inner', value: 'deep' }])],
      ['neg', -7n], ['zero', -0], ['inf', Infinity], ['nan', NaN], ['big', 9007199254740993n], ['bytes', Uint8Array.of(1, 2)], ['host.name', 'of the span'], ['', 'empty key'],
    ];
    await fixture.appendTraces(traces('shop', [span({
      traceId: traceId(1), spanId: '00000000000000aa', parentSpanId: '00000000000000bb', name: 'GET /orders', kind: 3, startNs: T0, endNs: T0 + 1500n, status: { code: 2, message: 'boom' },
      attributes: attributes.map(([key, value]) => ({ key, value })),
    })]));
    await fixture.fresh();
  });
  after(() => fixture.close());

  const table: [boolean, SpanCondition['scope'], string, SpanCondition['op'], SpanCondition['value']][] = [
    [true, 'span', 's', '=', 'text "quoted" \\ ü'], [false, 'span', 's', '=', 'text'], [true, 'span', 's', '=~', 'text.*'], [false, 'span', 's', '=~', 'text'], [true, 'span', 's', '!~', 'text'],
    [true, 'span', 's', '!=', 'other'], [false, 'span', 's', '!=', 1], [false, 'span', 'missing', '!=', 'other'], [true, 'span', 's', '>', 'a'], [false, 'span', 's', '<', 'a'],
    [true, 'span', 'i', '=', 200], [true, 'span', 'i', '=', 200n], [false, 'span', 'i', '=', 20], [false, 'span', 'i', '=', '200'], [true, 'span', 'i', '>', 199.5], [true, 'span', 'i', '>=', 200], [false, 'span', 'i', '>', 200], [true, 'span', 'i', '<', 201n], [true, 'span', 'i', '!=', 201],
    [true, 'span', 'd', '=', 2.5], [true, 'span', 'd', '<', 3], [false, 'span', 'd', '>', 3n], [true, 'span', 'w', '=', 200n], [true, 'span', 'w', '=', 200],
    [true, 'span', 'neg', '=', -7], [true, 'span', 'neg', '<', 0], [true, 'span', 'zero', '=', 0], [true, 'span', 'inf', '>', 1e300], [false, 'span', 'inf', '<', 0], [false, 'span', 'nan', '>', 0], [false, 'span', 'nan', '<', 0],
    [true, 'span', 'big', '=', 9007199254740993n], [false, 'span', 'big', '=', 9007199254740992n], [true, 'span', 'big', '>', 9007199254740992n],
    [true, 'span', 'b', '=', true], [false, 'span', 'b', '=', false], [true, 'span', 'b', '!=', false], [false, 'span', 'b', '=', 'true'], [false, 'span', 'b', '>', false],
    [true, 'span', 'a/b~c', '=', 'path'], [true, 'span', '', '=', 'empty key'], [false, 'span', 'inner', '=', 'deep'], [false, 'span', 'inner', 'exists', null], [false, 'span', 'bytes', '=', 'AQI='],
    [true, 'span', 's', 'exists', null], [true, 'span', 'list', 'exists', null], [false, 'span', 'none', 'exists', null], [false, 'span', 'missing', 'exists', null], [false, 'span', 'missing', '=', null], [false, 'span', 's', '=', null], [false, 'span', 's', '!=', null],
    [true, 'span', 'list', '=', 'y'], [false, 'span', 'list', '=', 'z'], [true, 'span', 'list', '=~', 'y|z'], [true, 'span', 'list', '!=', 'x'], [false, 'span', 'list', '=', 1], [false, 'span', 'empty', 'exists', null], [true, 'span', 'nan', '!=', 1],
    [true, 'resource', 'host.name', '=', 'h1'], [false, 'resource', 's', 'exists', null], [true, 'resource', 'service.name', '=', 'shop'], [false, 'resource', 'service.name', '=', 'other'],
    [true, 'any', 'host.name', '=', 'of the span'], [false, 'any', 'host.name', '=', 'h1'], [true, 'any', 'service.name', '=', 'shop'], [true, 'any', 's', 'exists', null], [false, 'any', 'missing', 'exists', null], [false, 'any', 'missing', '=', null],
    [true, 'intrinsic', 'name', '=', 'GET /orders'], [true, 'intrinsic', 'name', '=~', 'GET .*'], [false, 'intrinsic', 'name', '!=', 'GET /orders'],
    [true, 'intrinsic', 'kind', '=', 'client'], [false, 'intrinsic', 'kind', '=', 'server'], [true, 'intrinsic', 'kind', '!=', 'server'], [false, 'intrinsic', 'kind', '=', 3], [true, 'intrinsic', 'kind', '=~', 'cli.*'],
    [true, 'intrinsic', 'status', '=', 'error'], [false, 'intrinsic', 'status', '=', 'ok'], [true, 'intrinsic', 'statusMessage', '=', 'boom'],
    [true, 'intrinsic', 'duration', '=', 1500], [true, 'intrinsic', 'duration', '>', 1000n], [false, 'intrinsic', 'duration', '>', 1500.5],
    [true, 'intrinsic', 'service', '=', 'shop'], [false, 'intrinsic', 'service', '=', 'sho'], [true, 'intrinsic', 'scopeName', '=', 'test'],
    [true, 'intrinsic', 'traceId', '=', traceId(1)], [false, 'intrinsic', 'traceId', '=', '1'], [false, 'intrinsic', 'traceId', '=', traceId(2)], [true, 'intrinsic', 'spanId', '=', '00000000000000aa'], [true, 'intrinsic', 'parentId', '=', '00000000000000bb'],
    [true, 'intrinsic', 'rootName', '=', ''], [false, 'intrinsic', 'rootName', '=', 'GET /orders'], [false, 'intrinsic', 'unheard of', '=', 'x'],
  ];
  for (const where of ['hot', 'in a file'] as const) {
    describe(where, () => {
      before(async () => {
        if (where === 'in a file') await fixture.reopen();
      });
      for (const [expected, ...condition] of table) {
        it(`${condition.map((part) => (typeof part === 'bigint' ? `${part}n` : JSON.stringify(part))).join(' ')} is ${expected}`, async () => {
          const found = await fixture.store.readers.spans.search(context(), search([on(...condition)]));
          assert.equal(found.length, expected ? 1 : 0);
        });
      }
    });
  }
});

describe('search', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  /** Trace n starts at T0 + n seconds, has a root in `web` and a child in `db`; every tenth one fails. */
  function shopTrace(n: number): Span[] {
    const startNs = T0 + BigInt(n) * 1_000_000_000n;
    const root = span({ traceId: traceId(n), name: `GET /${n % 3}`, startNs, endNs: startNs + 5000n, attributes: [{ key: 'n', value: BigInt(n) }] });
    return [root, span({ traceId: traceId(n), parentSpanId: root.spanId, name: 'query', kind: 3, startNs: startNs + 1000n, endNs: startNs + 2000n, status: { code: n % 10 === 0 ? 2 : 0, message: '' } })];
  }

  it('answers the newest first, over many files and the hot part, in whatever order they came', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 20 } });
    const order = Array.from({ length: 200 }, (_, i) => (i * 77) % 200);
    for (const n of order) {
      const [root, child] = shopTrace(n);
      await fixture.appendTraces(traces('web', [root]));
      await fixture.appendTraces(traces('db', [child]));
      if (n % 10 === 0) await fixture.fresh();
    }
    await fixture.fresh();
    const { spans } = fixture.store.readers;
    const newest = await spans.search(context(), search([], { limit: 7 }));
    assert.deepEqual(newest.map((t) => t.traceId), [199, 198, 197, 196, 195, 194, 193].map(traceId));
    assert.deepEqual(newest[0], { ...newest[0], rootService: 'web', rootName: 'GET /1', durationNs: 5000n, startNs: T0 + 199_000_000_000n, spanCount: 2, errorCount: 0, matched: 2, services: [{ name: 'db', spanCount: 1, errorCount: 0 }, { name: 'web', spanCount: 1, errorCount: 0 }] });
    const failed = await spans.search(context(), search([on('intrinsic', 'service', '=', 'db'), on('intrinsic', 'status', '=', 'error')], { limit: 3 }));
    assert.deepEqual(failed.map((t) => t.traceId), [190, 180, 170].map(traceId));
    assert.equal(failed[0].matched, 1);
    assert.equal(failed[0].matchedSpans[0].span.name, 'query');
    assert.equal(failed[0].errorCount, 1);
    const one = await spans.search(context(), search([on('span', 'n', '=', 42)]));
    assert.deepEqual(one.map((t) => t.traceId), [traceId(42)]);
    const both = await spans.search(context(), search([on('span', 'n', '=', 42), on('intrinsic', 'status', '=', 'error')]));
    assert.deepEqual(both, []);
    const rooted = await spans.search(context(), search([on('intrinsic', 'rootName', '=', 'GET /0'), on('intrinsic', 'service', '=', 'db')], { limit: 2 }));
    assert.deepEqual(rooted.map((t) => t.traceId), [198, 195].map(traceId));
    const early = await spans.search(context(), search([], { range: { startNs: T0, endNs: T0 + 2_000_000_000n } }));
    assert.deepEqual(early.map((t) => t.traceId), [1, 0].map(traceId));
    for (const n of [0, 57, 199]) assert.equal((await spans.trace(context(), traceId(n))).length, 2);
    assert.deepEqual(await spans.services(context()), ['db', 'web']);
    assert.deepEqual(await spans.operations(context(), 'web'), [{ name: 'GET /0', kind: 2 }, { name: 'GET /1', kind: 2 }, { name: 'GET /2', kind: 2 }]);
    assert.deepEqual(await spans.operations(context(), 'web', 3), []);
    assert.deepEqual(await spans.tagNames(context(), ALL), { span: ['n'], resource: ['host.name', 'service.name'] });
    assert.deepEqual(await spans.dependencies(context(), ALL), [{ parent: 'web', child: 'db', callCount: 200 }]);
    const values = await spans.tagValues(context(), 'span', 'n', ALL, 1000);
    assert.equal(values.length, 200);
    assert.deepEqual(values[0], { type: 'int', value: '0' });
    assert.equal((await spans.tagValues(context(), 'span', 'n', ALL, 5)).length, 5);
    assert.deepEqual(await spans.tagValues(context(), 'any', 'service.name', ALL, 10), [{ type: 'string', value: 'db' }, { type: 'string', value: 'web' }]);
  });

  it('keeps tenants apart', async () => {
    fixture = await StoreFixture.open();
    await fixture.appendTraces(traces('a', [span({ traceId: traceId(1), attributes: [{ key: 'k', value: 'v' }] })]), 'one');
    await fixture.appendTraces(traces('b', [span({ traceId: traceId(1), attributes: [{ key: 'l', value: 'v' }] })]), 'constructor');
    for (const where of ['hot', 'file']) {
      if (where === 'file') await fixture.reopen();
      await fixture.fresh();
      const { spans } = fixture.store.readers;
      assert.deepEqual((await spans.trace(context('one'), traceId(1))).map((s) => s.service), ['a']);
      assert.deepEqual((await spans.search(context('constructor'), search([]))).map((t) => [t.rootService, t.spanCount]), [['b', 1]]);
      assert.deepEqual(await spans.services(context('one')), ['a']);
      assert.deepEqual((await spans.tagNames(context('constructor'), ALL)).span, ['l']);
      assert.deepEqual(await spans.tagValues(context('one'), 'span', 'l', ALL, 9), []);
      for (const none of ['two', '', 'toString', '__proto__']) {
        assert.deepEqual(await spans.trace(context(none), traceId(1)), []);
        assert.deepEqual(await spans.search(context(none), search([])), []);
        assert.deepEqual(await spans.services(context(none)), []);
      }
    }
  });

  it('ends with the reason of its signal', async () => {
    fixture = await StoreFixture.open();
    await fixture.appendTraces(traces('a', [span()]));
    await fixture.fresh();
    const reason = new Error('client went away');
    await assert.rejects(fixture.store.readers.spans.search(context('default', AbortSignal.abort(reason)), search([])), reason);
  });
});
