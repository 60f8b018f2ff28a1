import { strict as assert } from 'node:assert';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import { detachedPlace } from '../../config/place.js';
import { span, traces } from '../../receivers/otlp/fixture.test.js';
import { batchOf } from '../testing/context.js';
import { parseDebugConfig } from './config.js';
import { DebugExporter } from './exporter.js';
import { timeText } from './text.js';

const resource = { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0 };
const logs: LogsData = {
  resourceLogs: [{
    resource, schemaUrl: '',
    scopeLogs: [{
      scope: { name: 'lib', version: '', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '',
      logRecords: [{
        timeNs: 1_700_000_000_123_456_789n, observedTimeNs: 0n, severityNumber: 17, severityText: 'ERROR', body: new KeyValueList([{ key: 'msg', value: 'a\u001b[31mb' }]),
        attributes: [{ key: 'n', value: 1n }], droppedAttributesCount: 0, flags: 0, traceId: 'ab'.repeat(16), spanId: '', eventName: '',
      }],
    }],
  }],
};
const metrics: MetricsData = {
  resourceMetrics: [{
    resource, schemaUrl: '',
    scopeMetrics: [{
      scope: null, schemaUrl: '',
      metrics: [
        { name: 'load', description: '', unit: '1', metadata: [], values: { type: 'gauge', dataPoints: [{ attributes: [{ key: 'cpu', value: '0' }], startNs: 0n, timeNs: 1_700_000_000_000_000_000n, flags: 0, value: 0.5, exemplars: [] }] } },
        { name: 'd', description: '', unit: '', metadata: [], values: { type: 'sum', monotonic: true, temporality: 1, dataPoints: [{ attributes: [], startNs: 0n, timeNs: 1n, flags: 0, value: 1n, exemplars: [] }] } },
      ],
    }],
  }],
};

describe('exporters/debug', () => {
  async function printed(verbosity: string, data: Parameters<typeof batchOf>[1]): Promise<string[]> {
    let text = '';
    const exporter = new DebugExporter(parseDebugConfig({ verbosity }, detachedPlace('test')), 'debug', { write: (more) => (text += more) });
    const batch = batchOf('default', data);
    assert.deepEqual(await exporter.export(batch), { kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] });
    await exporter.shutdown();
    assert.ok(text.endsWith('\n'));
    return text.trimEnd().split('\n');
  }

  it('prints a line a batch', async () => {
    assert.deepEqual(await printed('basic', traces([span(0), span(1)])), ['debug: traces of tenant default: 2 items in 1 requests']);
  });

  it('needs no objects for a line a batch', async () => {
    const unread = { signal: 'traces' as const, get traces(): never { throw new Error('read'); } };
    const batch = batchOf('default', traces([span(0)]));
    let text = '';
    const exporter = new DebugExporter(parseDebugConfig({}, detachedPlace('test')), 'debug', { write: (more) => (text += more) });
    assert.equal(exporter.wire, true);
    await exporter.export({ ...batch, parts: batch.parts.map((part) => ({ ...part, data: unread })) });
    assert.match(text, /1 items in 1 requests/);
    assert.equal(new DebugExporter(parseDebugConfig({ verbosity: 'normal' }, detachedPlace('test')), 'debug', { write: () => true }).wire, false);
  });

  it('prints a line an item', async () => {
    const [, first] = await printed('normal', traces([span(0, { name: 'GET /\nx' })]));
    assert.equal(first, '2023-11-14T22:13:20.000000000Z shop GET /\\u000ax 00000000000000000000000000000001 0000000000000001 50ms unset http.request.method="GET" http.response.status_code=200');
    assert.deepEqual((await printed('normal', logs)).slice(1), [`2023-11-14T22:13:20.123456789Z shop ERROR {"msg":"a\\u001b[31mb"} n=1 trace_id=${'ab'.repeat(16)}`]);
    assert.deepEqual((await printed('normal', metrics)).slice(1), ['2023-11-14T22:13:20.000Z load_ratio{cpu="0",job="shop"} 0.5', 'data point 1 is not shown: delta_temporality']);
  });

  it('prints everything, and no control characters', async () => {
    const text = (await printed('detailed', logs)).join('\n');
    for (const part of ['attributes: service.name="shop"', 'name: lib', 'time: 2023-11-14T22:13:20.123456789Z', 'severityNumber: 17', 'body: {"msg":"a\\u001b[31mb"}', `traceId: ${'ab'.repeat(16)}`]) assert.ok(text.includes(part), part);
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
    assert.match((await printed('detailed', metrics)).join('\n'), /dataPoints\[0\]\n\s+attributes: cpu="0"\n\s+time: /);
    assert.match((await printed('detailed', traces([span(0)]))).join('\n'), /status\n\s+code: 0/);
  });

  it('writes any time', () => {
    assert.deepEqual([0n, 1n, 2n ** 64n - 1n].map(timeText), ['-', '1970-01-01T00:00:00.000000001Z', '2554-07-21T23:34:33.709551615Z']);
  });
});
