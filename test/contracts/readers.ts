import assert from 'node:assert/strict';
import { FAILED_TRACE, GOOD_TRACE, attributes, exampleLogs, exampleTraces } from '@signalbox/query/memory/example';
import type { Matcher, Readers, SpanCondition } from '@signalbox/query/readers';
import { LimitExceeded } from '@signalbox/query/readers';
import type { Labels } from '@signalbox/signals/prometheus/types';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import type { TracesData } from '@signalbox/signals/model/span';

/** What the readers of a contract are to hold, by tenant. */
export interface ContractData {
  readonly tenant: string;
  readonly traces: TracesData;
  readonly logs: LogsData;
  readonly metrics: MetricsData;
}

export interface MadeReaders {
  readonly readers: Readers;
  close(): Promise<void>;
}

const START_NS = 1_767_323_045_000_000_000n;
const START_MS = 1_767_323_045_000;
const ALL = { startNs: START_NS - 60_000_000_000n, endNs: START_NS + 60_000_000_000n };
const NOTHING = { resourceSpans: [] };

/** What all readers must answer alike. `make` gets data to hold and resolves when the readers see it. */
export function describeReaders(name: string, make: (data: readonly ContractData[]) => Promise<MadeReaders>): void {
  describe(`the readers of ${name}`, function contract() {
    this.timeout(60_000);
    let made: MadeReaders;
    before(async () => {
      made = await make([
        { tenant: 'shop', traces: exampleTraces(START_NS), logs: exampleLogs(START_NS), metrics: metrics() },
        { tenant: 'other', traces: NOTHING, logs: exampleLogs(START_NS), metrics: { resourceMetrics: [] } },
      ]);
    });
    after(() => made.close());

    const context = (tenant = 'shop') => ({ tenant, signal: new AbortController().signal });
    spanContract(() => made.readers, context);
    logContract(() => made.readers, context);
    seriesContract(() => made.readers, context);

    it('stop when they are told to', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await assert.rejects(async () => made.readers.spans.search({ tenant: 'shop', signal }, { range: ALL, conditions: [], limit: 1, spansPerTrace: 1 }), /enough/);
      await assert.rejects(async () => made.readers.logs.select({ tenant: 'shop', signal }, { range: ALL, matchers: [], metadata: [], lineFilters: [], limit: 1, direction: 'forward' }), /enough/);
      await assert.rejects(async () => made.readers.series.select({ tenant: 'shop', signal }, { startMs: 0, endMs: START_MS, matchers: [], maxSeries: 1, maxSamples: 1 }), /enough/);
    });
  });
}

type ContextOf = (tenant?: string) => { tenant: string; signal: AbortSignal };

function spanContract(readers: () => Readers, context: ContextOf): void {
  it('find a trace by its id, by start, with all that was sent', async () => {
    const spans = await readers().spans.trace(context(), FAILED_TRACE);
    assert.deepEqual(spans.map(({ span, service }) => [service, span.name]), [['storefront', 'POST /orders'], ['orders', 'orders.Orders/Place'], ['payments', 'charge']]);
    const sent = exampleTraces(START_NS).resourceSpans;
    assert.deepEqual(spans.map(({ span }) => span), [sent[0]?.scopeSpans[0]?.spans[0], sent[1]?.scopeSpans[0]?.spans[0], sent[2]?.scopeSpans[0]?.spans[0]]);
    assert.deepEqual(spans[1]?.resource, sent[1]?.resource);
    assert.deepEqual(spans[1]?.scope, sent[1]?.scopeSpans[0]?.scope);
    assert.deepEqual(await readers().spans.trace(context(), '1'.repeat(32)), []);
    assert.deepEqual(await readers().spans.trace(context('other'), FAILED_TRACE), []);
  });

  it('read several traces at once', async () => {
    const traces = await readers().spans.traces(context(), [GOOD_TRACE, FAILED_TRACE, '1'.repeat(32)]);
    assert.deepEqual(new Map([...traces].sort()), new Map(await Promise.all([FAILED_TRACE, GOOD_TRACE].sort().map(async (id) => [id, await readers().spans.trace(context(), id)] as const))));
    assert.equal((await readers().spans.traces(context('other'), [FAILED_TRACE])).size, 0);
    assert.equal((await readers().spans.traces(context(), [])).size, 0);
  });

  it('find the same traces with and without their summaries', async () => {
    const newest = async (limit: number) => (await readers().spans.find(context(), { range: ALL, conditions: [], limit })).map(({ traceId }) => traceId);
    assert.deepEqual(await newest(10), [GOOD_TRACE, FAILED_TRACE]);
    assert.deepEqual(await newest(1), [GOOD_TRACE]);
    const ofRoot = [on('intrinsic', 'rootName', '=', 'POST /orders')];
    const found = await readers().spans.find(context(), { range: ALL, conditions: ofRoot, limit: 10 });
    const last = (await readers().spans.trace(context(), FAILED_TRACE)).at(-1) ?? assert.fail();
    assert.deepEqual(found, [{ traceId: FAILED_TRACE, newestNs: last.span.startNs }]);
  });

  const search = async (conditions: readonly SpanCondition[], limit = 10, range = ALL) => readers().spans.search(context(), { range, conditions, limit, spansPerTrace: 2 });
  const on = (scope: SpanCondition['scope'], key: string, op: SpanCondition['op'], value: SpanCondition['value']): SpanCondition => ({ scope, key, op, value });

  it('summarise the traces found, newest first', async () => {
    const found = await search([]);
    assert.deepEqual(found.map(({ traceId, spanCount, matched }) => [traceId, spanCount, matched]), [[GOOD_TRACE, 1, 1], [FAILED_TRACE, 3, 3]]);
    const { matchedSpans, ...summary } = found[1] ?? assert.fail();
    assert.deepEqual(summary, {
      traceId: FAILED_TRACE, startNs: START_NS, durationNs: 250_000_000n, rootService: 'storefront', rootName: 'POST /orders', spanCount: 3, errorCount: 3, matched: 3,
      services: ['orders', 'payments', 'storefront'].map((name) => ({ name, spanCount: 1, errorCount: 1 })),
    });
    assert.equal(matchedSpans.length, 2);
    assert.equal((await search([], 1))[0]?.traceId, GOOD_TRACE);
    assert.deepEqual(await search([], 10, { startNs: START_NS + 2_000_000_000n, endNs: ALL.endNs }), []);
  });

  it('count the matching spans within the range alone', async () => {
    assert.deepEqual((await search([], 10, { startNs: START_NS, endNs: START_NS + 1n })).map(({ matched }) => matched), [1]);
  });

  const matching: readonly [what: string, conditions: readonly SpanCondition[], spans: number][] = [
    ['an integer', [on('span', 'http.response.status_code', '=', 500n)], 1],
    ['an integer as a double', [on('span', 'http.response.status_code', '=', 500)], 1],
    ['a comparison of integers', [on('any', 'http.response.status_code', '>=', 200n)], 2],
    ['text that looks like an integer, as text', [on('span', 'http.response.status_code', '=', '500')], 1],
    ['what is not equal, where it is there in that type', [on('span', 'http.response.status_code', '!=', 500n)], 1],
    ['a double', [on('span', 'cart.total', '<', 13)], 1],
    ['a boolean', [on('span', 'user.vip', '=', true)], 1],
    ['an element of an array', [on('span', 'cart.items', '=', 'jam')], 1],
    ['that it is there', [on('span', 'payment.attempt', 'exists', null)], 1],
    ['a resource attribute', [on('resource', 'host.name', '=', 'app-1')], 1],
    ['a resource attribute, not of the span', [on('span', 'host.name', '=', 'app-1')], 0],
    ['an attribute of either', [on('any', 'host.name', '=', 'web-1')], 2],
    ['an anchored expression', [on('span', 'http.request.method', '=~', 'PO.*')], 1],
    ['an expression that is not anchored by itself', [on('span', 'http.request.method', '=~', 'OS')], 0],
    ['a negated expression', [on('span', 'http.request.method', '!~', 'PO.*')], 1],
    ['other alphabets', [on('span', 'payment.provider', '=', 'żabka')], 1],
    ['the service', [on('intrinsic', 'service', '=', 'storefront')], 2],
    ['the name', [on('intrinsic', 'name', '=', 'charge')], 1],
    ['the kind', [on('intrinsic', 'kind', '=', 'client')], 1],
    ['the status', [on('intrinsic', 'status', '=', 'error')], 3],
    ['the status message', [on('intrinsic', 'statusMessage', '=~', '.*declined')], 2],
    ['the duration', [on('intrinsic', 'duration', '>=', 230_000_000n)], 2],
    ['the root', [on('intrinsic', 'rootName', '=', 'POST /orders'), on('intrinsic', 'rootService', '=', 'storefront')], 3],
    ['the scope', [on('intrinsic', 'scopeName', '=', 'shop')], 4],
    ['ids', [on('intrinsic', 'traceId', '=', FAILED_TRACE), on('intrinsic', 'parentId', '=', 'c7ad6b7169203332')], 1],
    ['all conditions on one span', [on('intrinsic', 'service', '=', 'storefront'), on('intrinsic', 'status', '=', 'error')], 1],
    ['conditions that no one span meets', [on('intrinsic', 'service', '=', 'storefront'), on('intrinsic', 'kind', '=', 'client')], 0],
    ['hostile text', [on('span', `a'b"c\\d`, '=', `x' OR 1=1 --`)], 0],
  ];
  for (const [what, conditions, spans] of matching) {
    it(`find spans by ${what}`, async () => { assert.equal((await search(conditions)).reduce((sum, { matched }) => sum + matched, 0), spans); });
  }

  it('list services, operations, tags and dependencies', async () => {
    const { spans } = readers();
    assert.deepEqual(await spans.services(context()), ['orders', 'payments', 'storefront']);
    assert.deepEqual(await spans.services(context('other')), []);
    assert.deepEqual(await spans.operations(context(), 'storefront'), [{ name: 'GET /products', kind: 2 }, { name: 'POST /orders', kind: 2 }]);
    assert.deepEqual(await spans.operations(context(), 'orders', 2), []);
    const tags = await spans.tagNames(context(), ALL);
    assert.deepEqual(tags.resource, ['host.name', 'process.pid', 'service.name']);
    assert.deepEqual(tags.span, ['cart.items', 'cart.total', 'http.request.method', 'http.response.status_code', 'payment.attempt', 'payment.provider', 'user.vip']);
    assert.deepEqual(await spans.tagValues(context(), 'span', 'http.request.method', ALL, 10), [{ type: 'string', value: 'GET' }, { type: 'string', value: 'POST' }]);
    assert.deepEqual(await spans.tagValues(context(), 'resource', 'service.name', ALL, 2), [{ type: 'string', value: 'orders' }, { type: 'string', value: 'payments' }]);
    assert.deepEqual(await spans.tagValues(context(), 'span', 'user.vip', ALL, 10), [{ type: 'bool', value: 'true' }]);
    assert.deepEqual((await spans.dependencies(context(), ALL)).map(({ parent, child, callCount }) => `${parent} ${child} ${callCount}`).sort(), ['orders payments 1', 'storefront orders 1']);
  });
}

function logContract(readers: () => Readers, context: ContextOf): void {
  const is = (name: string, op: Matcher['op'], value: string): Matcher => ({ name, op, value });
  const base = { range: ALL, matchers: [], metadata: [], lineFilters: [], limit: 100, direction: 'forward' as const };
  const lines = async (select: Partial<Parameters<Readers['logs']['select']>[1]>) => (await readers().logs.select(context(), { ...base, ...select })).map(({ line }) => line);

  it('select log lines by stream, line and metadata, in order', async () => {
    assert.deepEqual(await lines({}), ['charging card 4111', 'card declined: no "credit"', 'order failed', 'cache refreshed']);
    assert.deepEqual(await lines({ direction: 'backward', limit: 2 }), ['cache refreshed', 'order failed']);
    assert.deepEqual(await lines({ matchers: [is('service_name', '=', 'payments'), is('severity', '=~', 'err.*')] }), ['card declined: no "credit"']);
    assert.deepEqual(await lines({ matchers: [is('service_name', '!=', 'payments'), is('none', '=', '')] }), ['order failed']);
    assert.deepEqual(await lines({ lineFilters: [{ op: '|=', value: 'card' }, { op: '!=', value: 'declined' }] }), ['charging card 4111']);
    assert.deepEqual(await lines({ lineFilters: [{ op: '|~', value: '\\d{4}|(?i)ORDER' }, { op: '!~', value: '^order' }] }), ['charging card 4111']);
    assert.deepEqual(await lines({ metadata: [is('trace_id', '=', FAILED_TRACE)] }), ['charging card 4111', 'card declined: no "credit"', 'order failed']);
    assert.deepEqual(await lines({ metadata: [is('trace_id', '!~', '.+')] }), ['cache refreshed']);
    assert.deepEqual(await lines({ metadata: [is('order_id', '=', '7')] }), ['card declined: no "credit"']);
    assert.deepEqual(await lines({ range: { startNs: START_NS + 190_000_000n, endNs: START_NS + 245_000_000n } }), ['card declined: no "credit"']);
    assert.deepEqual(await lines({ lineFilters: [{ op: '|=', value: `'); DROP TABLE logs; --` }] }), []);
  });

  it('look for a label filter among the labels of the stream too', async () => {
    assert.deepEqual(await lines({ metadata: [is('severity', '=', 'error'), is('service_name', '=~', 'pay.*')] }), ['card declined: no "credit"']);
  });

  it('give a line its labels and metadata', async () => {
    const [entry] = await readers().logs.select(context(), { ...base, lineFilters: [{ op: '|=', value: 'declined' }] });
    assert.deepEqual(entry?.stream, { service_name: 'payments', severity: 'error' });
    assert.equal(entry.timeNs, START_NS + 190_000_000n);
    assert.equal(entry.structuredMetadata['trace_id'], FAILED_TRACE);
    assert.equal(entry.structuredMetadata['order_id'], '7');
  });

  it('list labels and streams', async () => {
    const { logs } = readers();
    const streams = [{ service_name: 'payments', severity: 'error' }, { service_name: 'payments', severity: 'info' }, { service_name: 'storefront', severity: 'error' }];
    assert.deepEqual(await logs.labelNames(context(), ALL, []), ['service_name', 'severity']);
    assert.deepEqual(await logs.labelValues(context(), 'service_name', ALL, []), ['payments', 'storefront']);
    assert.deepEqual(await logs.labelValues(context(), 'service_name', ALL, [is('severity', '=', 'info')]), ['payments']);
    assert.deepEqual(await logs.labelValues(context(), 'none', ALL, []), []);
    assert.deepEqual(await logs.series(context(), ALL, [[]]), streams);
    assert.deepEqual(await logs.series(context(), ALL, [[is('severity', '=', 'info')], [is('service_name', '=', 'storefront')]]), streams.slice(1));
    assert.deepEqual(await logs.series(context('nobody'), ALL, [[]]), []);
  });

  it('find the log records of a trace with all that was sent', async () => {
    const logs = await readers().logs.ofTrace(context(), FAILED_TRACE);
    const sent = exampleLogs(START_NS).resourceLogs;
    assert.deepEqual(logs.map(({ record }) => record), [sent[0]?.scopeLogs[0]?.logRecords[0], sent[0]?.scopeLogs[0]?.logRecords[1], sent[1]?.scopeLogs[0]?.logRecords[0]]);
    assert.deepEqual(logs.map(({ service }) => service), ['payments', 'payments', 'storefront']);
    assert.deepEqual(logs[0]?.scope, sent[0]?.scopeLogs[0]?.scope);
  });
}

function seriesContract(readers: () => Readers, context: ContextOf): void {
  const named = (name: string): Matcher => ({ name: '__name__', op: '=', value: name });
  const base = { startMs: START_MS - 60_000, endMs: START_MS + 60_000, matchers: [named('orders_total')], maxSeries: 100, maxSamples: 100 };
  const textOf = (labels: Labels) => labels.map(([name, value]) => `${name}=${value}`).join(' ');
  const ordersOf = (kind: string) => `__name__=orders_total instance=pod-1 job=storefront kind=${kind}`;

  it('select samples by matchers and time, both ends included', async () => {
    const found = [...await readers().series.select(context(), base)].sort((a, b) => (textOf(a.labels) < textOf(b.labels) ? -1 : 1));
    assert.deepEqual(found.map(({ labels, timesMs, values }) => [textOf(labels), [...timesMs], [...values]]), [
      [ordersOf('jam'), [START_MS, START_MS + 15_000, START_MS + 30_000], [0, 20, 40]],
      [ordersOf('tea'), [START_MS, START_MS + 15_000, START_MS + 30_000], [0, 10, 20]],
    ]);
    const [one] = await readers().series.select(context(), { ...base, startMs: START_MS + 15_000, endMs: START_MS + 30_000, matchers: [...base.matchers, { name: 'kind', op: '=~', value: 't.a' }] });
    assert.deepEqual([[...one?.timesMs ?? []], [...one?.values ?? []]], [[START_MS + 15_000, START_MS + 30_000], [10, 20]]);
    assert.deepEqual(await readers().series.select(context(), { ...base, endMs: START_MS - 1 }), []);
    assert.deepEqual(await readers().series.select(context('other'), base), []);
    assert.deepEqual(await readers().series.select(context(), { ...base, matchers: [{ name: 'kind', op: '=', value: `'; --` }] }), []);
  });

  it('stop at the limits', async () => {
    await assert.rejects(readers().series.select(context(), { ...base, maxSeries: 1 }), (error: unknown) => error instanceof LimitExceeded && error.what === 'series');
    await assert.rejects(readers().series.select(context(), { ...base, maxSamples: 5 }), (error: unknown) => error instanceof LimitExceeded && error.what === 'samples');
  });

  it('list label sets, names, values, metadata and exemplars', async () => {
    const { series } = readers();
    const times = [base.startMs, base.endMs] as const;
    assert.deepEqual((await series.series(context(), [base.matchers], ...times, 10)).map(textOf).sort(), [ordersOf('jam'), ordersOf('tea')]);
    assert.equal((await series.series(context(), [base.matchers], ...times, 1)).length, 1);
    assert.deepEqual(await series.labelNames(context(), [base.matchers], ...times), ['__name__', 'instance', 'job', 'kind']);
    assert.deepEqual(await series.labelValues(context(), 'kind', [], ...times), ['jam', 'tea']);
    assert.deepEqual(await series.labelValues(context(), 'kind', [[{ name: 'kind', op: '!=', value: 'tea' }, named('orders_total')]], ...times), ['jam']);
    assert.deepEqual((await series.metadata(context())).find(({ name }) => name === 'orders_total' || name === 'orders')?.help, 'Orders placed');
    const [exemplars] = await series.exemplars(context(), [base.matchers], ...times);
    assert.equal(textOf(exemplars?.labels ?? []), ordersOf('tea'));
    assert.deepEqual(exemplars?.exemplars.map(({ value, timeMs, labels }) => [value, timeMs, labels.find(([name]) => name === 'trace_id')?.[1]]), [[3, START_MS + 14_000, FAILED_TRACE]]);
  });
}

/** A counter of two series with three points each, one with an exemplar. */
function metrics(): MetricsData {
  const point = (kind: string, i: number, value: bigint): NumberDataPoint => ({
    attributes: attributes({ kind }), startNs: START_NS, timeNs: START_NS + BigInt(i) * 15_000_000_000n, flags: 0, value,
    exemplars: kind === 'tea' && i === 1 ? [{ filteredAttributes: [], timeNs: START_NS + 14_000_000_000n, value: 3n, spanId: 'b7ad6b7169203331', traceId: FAILED_TRACE }] : [],
  });
  const dataPoints = [0, 1, 2].flatMap((i) => [point('tea', i, BigInt(i) * 10n), point('jam', i, BigInt(i) * 20n)]);
  return {
    resourceMetrics: [{
      resource: { attributes: attributes({ 'service.name': 'storefront', 'service.instance.id': 'pod-1' }), droppedAttributesCount: 0 }, schemaUrl: '',
      scopeMetrics: [{
        scope: null, schemaUrl: '',
        metrics: [{ name: 'orders', description: 'Orders placed', unit: '', metadata: [], values: { type: 'sum', temporality: 2, monotonic: true, dataPoints } }],
      }],
    }],
  };
}
