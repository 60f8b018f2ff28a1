import { strict as assert } from 'node:assert';
import { STREAM_LABELS_ATTRIBUTE } from '@signalbox/signals/loki/named-labels';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { Metric, MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import type { TracesData } from '@signalbox/signals/model/span';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeLogs, encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { selectItems } from '../../delivery/reading/select.js';
import { span, traces } from '../../receivers/otlp/fixture.test.js';
import { withoutNamedLabels } from '../loki/otlp-exporter.js';
import { protobufField } from '../protobuf-field.js';
import { batchOf } from '../testing/context.js';
import { Random, randomLogs } from '../testing/random-logs.js';
import { encodeRequest } from './encode.js';
import { mergedData } from './merge.js';
import { requestBytes } from './request-bytes.js';
import { itemsOfWire } from './wire-cut.js';

const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

function randomTraces(random: Random): TracesData {
  const spans = (): TracesData => traces(Array.from({ length: 1 + random.below(8) }, (_, i) => span(i, { name: 'x'.repeat(random.below(200)) })));
  return { resourceSpans: Array.from({ length: 1 + random.below(3) }, () => spans().resourceSpans[0]!) };
}

function randomMetrics(random: Random): MetricsData {
  const point = () => ({ attributes: [{ key: 'n', value: BigInt(random.below(1e6)) }], startNs: 1n, timeNs: 2n, flags: 0, exemplars: [] });
  const points = <T>(make: () => T): T[] => Array.from({ length: 1 + random.below(4) }, make);
  const sums = { count: 3n, sum: 1.5, min: null, max: null };
  const buckets = { offset: 1, bucketCounts: [1n, 2n] };
  const values: (() => MetricValues)[] = [
    () => ({ type: 'gauge', dataPoints: points(() => ({ ...point(), value: random.next() })) }),
    () => ({ type: 'sum', temporality: 2, monotonic: true, dataPoints: points(() => ({ ...point(), value: BigInt(random.below(1e6)) })) }),
    () => ({ type: 'histogram', temporality: 1, dataPoints: points(() => ({ ...point(), ...sums, explicitBounds: [1], bucketCounts: [1n, 2n] })) }),
    () => ({ type: 'exponentialHistogram', temporality: 1, dataPoints: points(() => ({ ...point(), ...sums, scale: 1, zeroCount: 0n, zeroThreshold: 0, positive: buckets, negative: null })) }),
    () => ({ type: 'summary', dataPoints: points(() => ({ ...point(), count: 3n, sum: 1, quantileValues: [] })) }),
  ];
  const metric = (): Metric => ({ name: `m${random.below(100)}`, description: 'd', unit: 's', metadata: [], values: random.pick(values)() });
  return { resourceMetrics: Array.from({ length: 1 + random.below(3) }, () => ({ resource: null, schemaUrl: 'u', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: points(metric) }] })) };
}

describe('exporters/otlp: requests made of bytes', () => {
  for (const [signal, make] of [['logs', (random: Random) => randomLogs(random, 20)], ['traces', randomTraces], ['metrics', randomMetrics]] as const) {
    it(`hold what the parts hold, whichever items those are: ${signal}`, () => {
      for (let round = 0; round < 100; round++) {
        const random = new Random(seed + round);
        const whole = batchOf('default', make(random), make(random), make(random));
        assert.deepEqual(Buffer.from(requestBytes(signal, whole.parts)), Buffer.from(encodeRequest(mergedData(whole))), `seed ${seed + round}`);
        const share = random.next();
        const kept = Array.from({ length: whole.items }, (_, item) => item).filter(() => random.often(share));
        if (kept.length === 0) continue;
        const some = selectItems(whole, kept);
        const again = selectItems(some, kept.map((_, i) => i).filter((i) => i % 2 === 0));
        for (const batch of [some, again]) assert.deepEqual(Buffer.from(requestBytes(signal, batch.parts)), Buffer.from(encodeRequest(mergedData(batch))), `seed ${seed + round}`);
      }
    });
  }

  it('keep fields that nobody here knows, and leave empty groups out', () => {
    const unknown = protobufField(0x7a, Buffer.from('what is to come'));
    const item = (name: string): Buffer => protobufField(0x12, Buffer.concat([protobufField(0x1a, Buffer.from(name)), unknown]));
    const request = (groups: readonly (readonly string[])[]): Buffer => Buffer.concat([
      unknown,
      ...groups.map((names) => protobufField(0x0a, Buffer.concat([unknown, protobufField(0x12, Buffer.concat([...names.map(item), unknown])), unknown]))),
      Buffer.of(0x78, 0x96, 0x01),
    ]);
    const wire = request([['a', 'b'], ['c'], ['d', 'e']]);
    const cut = (...ordinals: number[]): Buffer => Buffer.from(itemsOfWire('logs', wire, Uint32Array.from(ordinals)));
    assert.deepEqual(cut(0, 1, 2, 3, 4), wire);
    assert.deepEqual(cut(1, 4), request([['b'], ['e']]));
    assert.deepEqual(cut(2), request([['c']]));
    assert.deepEqual(cut(), request([]));
  });

  it('are not made of parts that are malformed', () => {
    const [part] = batchOf('default', randomLogs(new Random(seed), 20)).parts;
    const wire = Buffer.concat([part!.wire!, Buffer.of(0x0a, 5, 0)]);
    for (const wireItems of [null, Uint32Array.of(0)]) assert.throws(() => requestBytes('logs', [{ ...part!, wire, wireItems }, part!]), OtlpError);
  });

  it('leave out of a resource which labels it names, for Loki\'s OTLP endpoint', () => {
    let named = 0;
    for (let round = 0; round < 100; round++) {
      const data = randomLogs(new Random(seed + round), 10);
      const without: LogsData = {
        resourceLogs: data.resourceLogs.map((group) => (group.resource === null ? group : { ...group, resource: { ...group.resource, attributes: group.resource.attributes.filter(({ key }) => key !== STREAM_LABELS_ATTRIBUTE) } })),
      };
      const wire = encodeLogs(data);
      const sent = withoutNamedLabels(wire);
      assert.deepEqual(Buffer.from(sent), Buffer.from(encodeLogs(without)), `seed ${seed + round}`);
      if (Buffer.from(wire).includes(STREAM_LABELS_ATTRIBUTE)) named++;
      else assert.equal(sent, wire);
    }
    assert.ok(named > 0);
    // In a line it is a line.
    const body = randomLogs(new Random(seed), 10);
    const line: LogsData = { resourceLogs: [{ ...body.resourceLogs[0]!, resource: null, scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [{ timeNs: 1n, observedTimeNs: 0n, severityNumber: 0, severityText: '', body: STREAM_LABELS_ATTRIBUTE, attributes: [{ key: STREAM_LABELS_ATTRIBUTE, value: 'x' }], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' }] }] }] };
    assert.deepEqual(decodeLogs(withoutNamedLabels(encodeLogs(line))), line);
  });
});
