import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import type { Exporter, SignalData } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { otlp, otlphttp } from '@signalbox/collector/exporters/otlp/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { logsFromJson } from '@signalbox/signals/otlp/json/logs';
import { metricsFromJson } from '@signalbox/signals/otlp/json/metrics';
import { tracesFromJson } from '@signalbox/signals/otlp/json/traces';
import { startOtelcol, type RunningOtelcol } from '../../servers/otelcol/start.js';
import { requireServer } from '../../servers/require-server.js';
import { eventually, secondsAgoNs } from '../eventually.js';
import { RandomTelemetry } from '../random-telemetry.js';

const soon = (): AbortSignal => AbortSignal.timeout(60_000);
const place = detachedPlace('test');

describe('integration: otlp exporters → OpenTelemetry Collector', function () {
  this.timeout(180_000);
  let server: RunningOtelcol;
  before(async function () {
    requireServer(this, 'otelcol');
    server = await startOtelcol();
  });
  after(() => server?.stop());

  /** What the Collector wrote, decoded: everything whose resource bears the run's name. */
  async function received(run: string, count: number): Promise<SignalData[]> {
    return eventually(() => {
      const lines = readFileSync(server.file, 'utf8').split('\n').filter((line) => line.includes(run));
      assert.equal(lines.length, count);
      return Promise.resolve(lines.map((line): SignalData => {
        const value: unknown = JSON.parse(line);
        if (line.startsWith('{"resourceSpans"')) return { signal: 'traces', traces: tracesFromJson(value) };
        if (line.startsWith('{"resourceLogs"')) return { signal: 'logs', logs: logsFromJson(value) };
        return { signal: 'metrics', metrics: metricsFromJson(value) };
      }));
    });
  }

  const ways: Readonly<Record<string, () => Exporter>> = {
    'gRPC, gzip': () => otlp.create(otlp.parseConfig({ endpoint: server.grpc, tls: { insecure: true } }, place), testContext()),
    'gRPC, not compressed': () => otlp.create(otlp.parseConfig({ endpoint: `http://${server.grpc}`, compression: 'none' }, place), testContext()),
    'HTTP, protobuf': () => otlphttp.create(otlphttp.parseConfig({ endpoint: server.http }, place), testContext()),
    'HTTP, JSON': () => otlphttp.create(otlphttp.parseConfig({ endpoint: server.http, encoding: 'json' }, place), testContext()),
  };
  for (const [name, make] of Object.entries(ways)) {
    it(`hands everything on unchanged: ${name}`, async () => {
      const exporter = make();
      const random = new RandomTelemetry();
      const traces = random.traces(50, secondsAgoNs(60));
      const logs = random.logs(50, secondsAgoNs(60));
      const metrics = random.metrics([secondsAgoNs(60), secondsAgoNs(50)]);
      for (const data of [traces, logs, metrics]) {
        const batch = batchOf('default', data);
        assert.deepEqual(await exporter.export(batch, soon()), { kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] });
      }
      const found = await received(random.run, 3);
      const expected: SignalData[] = [{ signal: 'traces', traces }, { signal: 'logs', logs }, { signal: 'metrics', metrics }];
      for (const one of expected) assert.deepEqual(found.find(({ signal }) => signal === one.signal), one, `seed ${random.seed}`);
      await exporter.shutdown();
    });
  }
});
