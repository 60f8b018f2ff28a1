import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { prometheusApi } from '@signalbox/query/http/prometheus/plugin';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import type { ParseOptions } from '@signalbox/query/promql/parsing/parse';
import { STALE_NAN } from '@signalbox/query/promql/numbers/stale';
import type { QueryLimits } from '@signalbox/query/http/limits';
import { Side } from './sides.js';
import type { PointSeries } from './write-request.js';

/** Our API over readers in memory: what it answers depends on nothing that is written or stored. */
export interface MemoryAppliance {
  readonly side: Side;
  readonly readers: MemoryReaders;
  load(all: readonly PointSeries[]): void;
  close(): Promise<void>;
}

export async function startMemoryAppliance(limits: Partial<QueryLimits> = {}, parsing: ParseOptions = {}): Promise<MemoryAppliance> {
  const readers = new MemoryReaders();
  const app = fastify({ routerOptions: { maxParamLength: 1024 } });
  await app.register(prometheusApi, {
    prefix: '/prometheus', readers, fresh: () => Promise.resolve(), limits, parsing,
    tenantOf: (request) => { const tenant = request.headers['x-scope-orgid']; return typeof tenant === 'string' ? tenant : 'default'; },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const side = new Side('signalbox', `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/prometheus`);
  return {
    side, readers,
    load(all) {
      for (const { labels, points } of all) {
        readers.series.set('default', labels, points.map(({ timeMs, value }) => {
          if (value === 'stale') return { timeMs, value: STALE_NAN };
          return typeof value === 'number' ? { timeMs, value } : { timeMs, value: NaN, histogram: value };
        }));
      }
    },
    close: () => app.close(),
  };
}
