import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@signalbox/journal/journal';
import { readLedger } from '@signalbox/journal/ledger';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { ExporterFactory, Registry } from '../../component.js';
import { loadConfig } from '../../config/load.js';
import { taken, until } from '../../delivery/fixture.test.js';
import { startDelivery, type Delivery } from '../../delivery/runner.js';
import { otlp } from '../../receivers/otlp/index.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { metric, metrics, metricsOf, point } from '../editing/fixture.test.js';
import { filter } from '../filter/index.js';
import { deltatocumulative } from './index.js';

const CONFIG = `receivers: { otlp: {} }
processors: { filter: { metrics: { metric: ['name == "noise"'] } }, deltatocumulative: {} }
exporters: { out: { batch: { max_wait: 0s } } }
service: { pipelines: { metrics: { receivers: [otlp], processors: [filter, deltatocumulative], exporters: [out] } } }`;

describe('processors in a reader', () => {
  it('go on after a restart where they were, and their drops stand in the ledger', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-processors-'));
    const journal = await Journal.open({ dir, minFreeShare: 0, maxBytes: 64 * 2 ** 20, segmentBytes: 2 ** 20 });
    const values: unknown[] = [];
    const out: ExporterFactory = {
      type: 'out',
      signals: ['metrics'],
      parseConfig: () => ({}),
      create: () => ({
        export: async (batch) => {
          for (const { values: held } of metricsOf(batch)) if (held.type === 'sum') values.push(...held.dataPoints.map(({ value }) => value));
          return taken(batch);
        },
        shutdown: async () => undefined,
      }),
    };
    const registry: Registry = { receivers: [otlp], processors: [filter, deltatocumulative], connectors: [], exporters: [out] };
    const start = (): Promise<Delivery> =>
      startDelivery({ config: loadConfig({ text: CONFIG, file: '(test)', env: {}, registry, sections: {} }), registry, journalDir: dir, dataDir: dir, logger: createLogger({ stream: { write: () => undefined } }), clock: systemClock(), metrics: createMetrics() });
    const append = async (value: bigint, atS: bigint): Promise<void> => {
      const sum = (name: string): ReturnType<typeof metric> => metric(name, { type: 'sum', monotonic: true, temporality: 1, dataPoints: [point({ value, timeNs: atS * 1_000_000_000n })] });
      const payload = Buffer.from(encodeMetrics(metrics([sum('noise'), sum('requests')])));
      await journal.append({ signal: 'metrics', encoding: 'otlp', tenant: 'default', items: 2, rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, payload });
    };
    let delivery: Delivery | null = null;
    try {
      await append(5n, 1n);
      delivery = await start();
      await until('the first is there', () => values.length === 1);
      await append(3n, 2n);
      await until('the second is there', () => values.length === 2);
      await delivery.stop();
      await append(2n, 3n);
      delivery = await start();
      await until('the third is there', () => values.length >= 3);
      await delivery.stop();
      delivery = null;
      assert.deepEqual(values, [5n, 8n, 10n]);
      const [row] = await readLedger(dir);
      assert.deepEqual([row.accepted, row.delivered, row.dropped, row.queued, row.balanced], [6, 3, { filtered: 3 }, 0, true]);
    } finally {
      await delivery?.stop(100);
      await journal.close();
      await rm(dir, { recursive: true, force: true });
    }
  });
});
