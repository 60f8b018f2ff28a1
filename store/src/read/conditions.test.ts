import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SpanCondition, StoredSpan } from '@signalbox/query/readers';
import { allOf } from '@signalbox/query/spans/condition';
import { KeyValueList, type AnyValue } from '@signalbox/signals/model/attributes';
import { context, span, StoreFixture, traces } from '../store-fixture.test.js';

const ALL = { startNs: 0n, endNs: 1n << 64n };
const KEYS = ['a', 'http.route', 'x/y~z', '', 'k"\\', 'ключ', 'host.name'];
const TEXTS = ['', 'v', 'GET', '/api/{id}?x=[1]', '"', 'back\\slash', 'line\nbreak', 'żółć', '😀', "it's", 'x'.repeat(600), '200', 'true', '$1', '%', '^a|b$'];
const NUMBERS: (number | bigint)[] = [0, -0, 1, 2, 20, 200, 2000, -7, 0.1, 1e21, 1e-7, 200n, 20n, 0n, -7n, 9007199254740993n, -(1n << 63n)];

const leaf: fc.Arbitrary<AnyValue> = fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...NUMBERS), fc.constantFrom(NaN, Infinity, -Infinity), fc.boolean(), fc.constant(null), fc.constant(Uint8Array.of(1)));
const value = fc.oneof({ weight: 5, arbitrary: leaf }, { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) }, { weight: 1, arbitrary: leaf.map((inner) => new KeyValueList([{ key: 'a', value: inner }])) });
const attributes = fc.uniqueArray(fc.record({ key: fc.constantFrom(...KEYS), value }, { noNullPrototype: true }), { maxLength: 5, selector: ({ key }) => key });
const condition: fc.Arbitrary<SpanCondition> = fc.record({
  scope: fc.constantFrom('span', 'resource', 'any'), key: fc.constantFrom(...KEYS), op: fc.constantFrom('=', '!=', '>', '>=', '<', '<=', 'exists'),
  value: fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...NUMBERS), fc.boolean()),
}, { noNullPrototype: true });

describe('conditions', () => {
  it('mean what the readers say they mean, on random attributes', async function () {
    this.timeout(180_000);
    const fixture = await StoreFixture.open();
    try {
      const sent: StoredSpan[] = [];
      let ids = 0;
      for (const [ofResource, ofSpan] of fc.sample(fc.tuple(attributes, attributes), { numRuns: 150, seed: 7 })) {
        const one = span({ traceId: (++ids).toString(16).padStart(32, '0'), attributes: ofSpan });
        const resource = { attributes: [...ofResource, { key: 'service.name', value: `s${ids % 5}` }], droppedAttributesCount: 0 };
        const [{ scopeSpans }] = traces('', [one]).resourceSpans;
        await fixture.appendTraces({ resourceSpans: [{ resource, schemaUrl: '', scopeSpans }] });
        sent.push({ span: one, resource, scope: { name: 'test', version: '1', attributes: [], droppedAttributesCount: 0 }, service: `s${ids % 5}` });
      }
      await fixture.fresh();
      await fixture.reopen(); // half of the questions go to a file with its index
      for (const one of sent.slice(0, 75)) await fixture.appendTraces({ resourceSpans: [{ resource: one.resource, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: [{ ...one.span, traceId: `f${one.span.traceId.slice(1)}` }] }] }] });
      await fixture.fresh();
      await fc.assert(fc.asyncProperty(fc.array(condition, { minLength: 1, maxLength: 2 }), async (conditions) => {
        const test = allOf(conditions);
        const expected = sent.flatMap((stored, i) => (test(stored, { name: '', service: '' }) ? (i < 75 ? [stored.span.traceId, `f${stored.span.traceId.slice(1)}`] : [stored.span.traceId]) : [])).sort();
        const found = await fixture.store.readers.spans.search(context(), { range: ALL, conditions, limit: 1000, spansPerTrace: 0 });
        assert.deepEqual(found.map((trace) => trace.traceId).sort(), expected);
      }), { numRuns: 250 });
    } finally {
      await fixture.close();
    }
  });
});
