import assert from 'node:assert/strict';
import { Application, buildAgent } from './application.test.js';
import { plain, TestCollector } from './collector.test.js';

const SERVER = 2;
const ERROR = 2;

type Row = readonly [method: string, path: string, status: number, name: string, route: string | undefined];

/** Requests that both applications answer alike. */
const ALIKE: readonly Row[] = [
  ['GET', '/api/orders', 200, 'GET /api/orders', '/api/orders'],
  ['GET', '/api/orders/', 200, 'GET /api/orders', '/api/orders'],
  ['GET', '/api/orders/7', 200, 'GET /api/orders/:order', '/api/orders/:order'],
  ['HEAD', '/api/orders/7', 200, 'HEAD /api/orders/:order', '/api/orders/:order'],
  ['POST', '/api/orders/7', 201, 'POST /api/orders/:order', '/api/orders/:order'],
  ['GET', '/api/orders/7/items/9', 200, 'GET /api/orders/:order/items/:item', '/api/orders/:order/items/:item'],
  ['GET', '/api/orders/broken', 500, 'GET /api/orders/broken', '/api/orders/broken'],
  ['GET', '/nothing', 404, 'GET', undefined],
  ['GET', '/api/orders/7/nothing', 404, 'GET', undefined],
  ['DELETE', '/api/orders/7', 404, 'DELETE', undefined],
  ['PROPFIND', '/nothing', 404, 'HTTP', undefined],
];

const FIXTURES: Readonly<Record<string, readonly Row[]>> = {
  // A router that passes a request on is no part of the route that answers it, nor is middleware a route.
  'express-routes.cjs': [...ALIKE, ['GET', '/api/orders/7/late', 200, 'GET /api/orders/:order/late', '/api/orders/:order/late'], ['GET', '/admin/users', 401, 'GET', undefined]],
  'fastify-routes.mjs': [...ALIKE, ['GET', '/files/a/b', 200, 'GET /files/*', '/files/*'], ['GET', '/admin/users', 401, 'GET /admin/users', '/admin/users']],
};

describe('names and routes of requests', function () {
  this.timeout(180_000);
  before(() => buildAgent());

  for (const [fixture, rows] of Object.entries(FIXTURES)) {
    describe(fixture, () => {
      let collector: TestCollector;
      let application: Application;
      let url: string;
      before(async () => {
        collector = await new TestCollector().start();
        application = new Application(fixture, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_METRIC_EXPORT_INTERVAL: '200', OTEL_SERVICE_NAME: 'shop' });
        ({ url } = await application.ready());
      });
      after(async () => {
        await application.stop('SIGKILL');
        await collector.close();
      });

      for (const [method, path, status, name, route] of rows) {
        it(`${method} ${path} is "${name}"`, async () => {
          assert.equal((await fetch(url + path, { method })).status, status);
          const recorded = method === 'PROPFIND' ? '_OTHER' : method;
          const span = await collector.until((it) => it.spans().find(({ kind, fields }) => kind === SERVER && fields['url.path'] === path && fields['http.request.method'] === recorded));
          assert.equal(span.name, name);
          assert.equal(span.fields['http.route'], route);
          assert.equal(span.status.code === ERROR, status >= 500);
          assert.equal(span.fields['error.type'], status >= 500 ? String(status) : undefined);
          const below = collector.spans().filter(({ parentSpanId }) => parentSpanId === span.spanId);
          assert.deepEqual(below.map((inner) => inner.name), route === undefined || status === 401 ? [] : [`request handler - ${route}`]);
          if (status >= 500) assert.equal(plain(below[0]?.events[0]?.attributes ?? [])['exception.message'], 'it fails');
        });
      }

      it('durations have the same routes', async () => {
        const wanted = new Set(rows.map(([, , , , route]) => route));
        await collector.until((it) => {
          const values = it.metrics().findLast(({ name }) => name === 'http.server.request.duration')?.values;
          const points = values?.type === 'histogram' ? values.dataPoints : [];
          if (points.reduce((sum, { count }) => sum + Number(count), 0) < rows.length) return undefined;
          assert.deepEqual(new Set(points.map(({ attributes }) => plain(attributes)['http.route'])), wanted);
          return true;
        });
      });
    });
  }
});
