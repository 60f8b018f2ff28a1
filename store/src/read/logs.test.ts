import assert from 'node:assert/strict';
import type { LogEntry, LogSelect } from '@signalbox/query/readers';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import { context, StoreFixture } from '../store-fixture.test.js';

const ALL = { startNs: 0n, endNs: 1n << 64n };
const T0 = 1_700_000_000_000_000_000n;
const TRACE = '0af7651916cd43dd8448eb211c80319c';

function record(fields: Partial<LogRecord> = {}): LogRecord {
  return { timeNs: T0, observedTimeNs: T0 + 5n, severityNumber: 9, severityText: 'INFO', body: 'hello', attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '', ...fields };
}

function logs(service: string, records: readonly LogRecord[]): LogsData {
  return {
    resourceLogs: [{
      resource: { attributes: [{ key: 'service.name', value: service }, { key: 'host.name', value: 'h1' }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeLogs: [{ scope: { name: 'logger', version: '2', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', logRecords: records }],
    }],
  };
}

function select(more: Partial<LogSelect> = {}): LogSelect {
  return { range: ALL, matchers: [], metadata: [], lineFilters: [], limit: 100, direction: 'backward', ...more };
}

const lines = (entries: readonly LogEntry[]): string[] => entries.map((entry) => entry.line);

describe('log reader', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  it('answers in the order of time, over files and the hot part, and stops at the limit', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 15 } });
    for (let i = 0; i < 100; i++) {
      const n = (i * 37) % 100;
      await fixture.appendLogs(logs('shop', [record({ timeNs: T0 + BigInt(n), body: `line ${n}` })]));
      if (i % 7 === 0) await fixture.fresh();
    }
    await fixture.fresh();
    const reader = fixture.store.readers.logs;
    assert.deepEqual(lines(await reader.select(context(), select({ limit: 3 }))), ['line 99', 'line 98', 'line 97']);
    assert.deepEqual(lines(await reader.select(context(), select({ limit: 3, direction: 'forward' }))), ['line 0', 'line 1', 'line 2']);
    assert.deepEqual(lines(await reader.select(context(), select({ range: { startNs: T0 + 10n, endNs: T0 + 12n } }))), ['line 11', 'line 10']);
    assert.equal((await reader.select(context(), select({ limit: 1000 }))).length, 100);
    assert.deepEqual(lines(await reader.select(context(), select({ lineFilters: [{ op: '|=', value: '5' }, { op: '!=', value: '55' }, { op: '|~', value: '^line [5-6]' }, { op: '!~', value: '5[0-7]' }] }))), ['line 65', 'line 59', 'line 58', 'line 5']);
  });

  it('selects by stream labels and structured metadata', async () => {
    fixture = await StoreFixture.open();
    await fixture.appendLogs(logs('web', [record({ body: 'a', attributes: [{ key: 'user.id', value: 7n }, { key: 'http.route', value: '/orders' }] }), record({ body: 'b', severityNumber: 17, severityText: 'ERROR', traceId: TRACE, spanId: '00f067aa0ba902b7' })]));
    await fixture.appendLogs(logs('db', [record({ body: 'c', attributes: [{ key: 'user.id', value: 8n }] })]));
    for (const where of ['hot', 'file']) {
      if (where === 'file') await fixture.reopen();
      await fixture.fresh();
      const reader = fixture.store.readers.logs;
      const find = async (matchers: LogSelect['matchers'], metadata: LogSelect['metadata'] = []): Promise<string[]> => lines(await reader.select(context(), select({ matchers, metadata }))).sort();
      assert.deepEqual(await find([{ name: 'service_name', op: '=', value: 'web' }]), ['a', 'b']);
      assert.deepEqual(await find([{ name: 'service_name', op: '!=', value: 'web' }]), ['c']);
      assert.deepEqual(await find([{ name: 'service_name', op: '=~', value: 'w.b|d' }]), ['a', 'b']);
      assert.deepEqual(await find([{ name: 'service_name', op: '!~', value: 'w.b' }, { name: 'missing', op: '=', value: '' }]), ['c']);
      assert.deepEqual(await find([{ name: 'severity', op: '=', value: 'error' }]), ['b']);
      assert.deepEqual(await find([{ name: 'service_name', op: '=', value: 'none' }]), []);
      assert.deepEqual(await find([], [{ name: 'trace_id', op: '=', value: TRACE }]), ['b']);
      assert.deepEqual(await find([], [{ name: 'user_id', op: '=', value: '7' }]), ['a']);
      assert.deepEqual(await find([], [{ name: 'user_id', op: '=~', value: '.+' }]), ['a', 'c']);
      assert.deepEqual(await find([], [{ name: 'http_route', op: '=', value: '/orders' }, { name: 'host_name', op: '=', value: 'h1' }]), ['a']);
      assert.deepEqual(await find([], [{ name: 'severity_text', op: '=', value: 'ERROR' }, { name: 'scope_name', op: '=', value: 'logger' }]), ['b']);
      assert.deepEqual(await reader.labelNames(context(), ALL, []), ['service_name', 'severity']);
      assert.deepEqual(await reader.labelValues(context(), 'severity', ALL, [{ name: 'service_name', op: '=', value: 'web' }]), ['error', 'info']);
      assert.deepEqual(await reader.series(context(), ALL, [[{ name: 'severity', op: '=', value: 'error' }], [{ name: 'service_name', op: '=', value: 'db' }]]), [{ service_name: 'db', severity: 'info' }, { service_name: 'web', severity: 'error' }]);
      assert.deepEqual(await reader.select(context('other'), select()), []);
      assert.deepEqual(await reader.series(context('other'), ALL, []), []);
      assert.deepEqual(await reader.ofTrace(context('other'), TRACE), []);
    }
  });

  it('gives records of a trace back with everything that was sent', async () => {
    fixture = await StoreFixture.open();
    const sent = [
      record({ traceId: TRACE, spanId: '00f067aa0ba902b7', flags: 1, eventName: 'login', droppedAttributesCount: 3, attributes: [{ key: 'k', value: [1n, 1.5, 'x', null, true] }] }),
      record({ timeNs: T0 + 1n, traceId: TRACE, body: new KeyValueList([{ key: 'message', value: 'structured' }, { key: 'n', value: 1n }]), severityNumber: 0, severityText: '' }),
      record({ timeNs: T0 + 2n, traceId: TRACE, body: null }), record({ timeNs: T0 + 3n, traceId: TRACE, body: Uint8Array.of(0, 255) }), record({ timeNs: T0 + 4n, traceId: TRACE, body: 3.0 }),
    ];
    await fixture.appendLogs(logs('web', [...sent, record({ traceId: '1'.repeat(32) })]));
    await fixture.fresh();
    const hot = await fixture.store.readers.logs.ofTrace(context(), TRACE);
    assert.deepEqual(hot.map((log) => log.record), sent);
    assert.deepEqual([hot[0].service, hot[0].scope.name, hot[0].resource.attributes.length], ['web', 'logger', 2]);
    await fixture.reopen();
    assert.deepEqual(await fixture.store.readers.logs.ofTrace(context(), TRACE), hot);
  });

  it('shows a record without a time at the time it was received', async () => {
    fixture = await StoreFixture.open();
    const before = BigInt(Date.now()) * 1_000_000n;
    await fixture.appendLogs(logs('web', [record({ timeNs: 0n, observedTimeNs: 0n })]));
    await fixture.fresh();
    const [entry] = await fixture.store.readers.logs.select(context(), select());
    assert.ok(entry.timeNs >= before);
  });
});
