import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import type { Span } from '@signalbox/signals/model/span';
import { Application, buildAgent, frontHeaders } from './application.test.js';
import type { Received } from './collector.test.js';
import { TestCollector } from './collector.test.js';

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'shop' };

describe('traces of real applications', function () {
  this.timeout(180_000);
  let collector: TestCollector;
  let application: Application | undefined;
  before(() => buildAgent());
  beforeEach(async () => (collector = await new TestCollector().start()));
  afterEach(async () => {
    await application?.stop('SIGKILL');
    await collector.close();
  });

  const start = async (fixture: string, environment: Record<string, string> = {}): Promise<string> => {
    application = new Application(fixture, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...QUICK, ...environment });
    return (await application.ready()).url;
  };
  const find = (condition: (span: Received<Span>) => boolean): Promise<Received<Span>> => collector.until(() => collector.spans().find(condition));
  const isServer = (path: string) => (span: Received<Span>): boolean => span.kind === SERVER && span.fields['url.path'] === path;

  for (const kind of ['mjs', 'cjs']) {
    for (const framework of ['express', 'fastify']) {
      it(`${framework}.${kind}: the route, the handler below it, and the exception of a failing one`, async () => {
        const url = await start(`${framework}.${kind}`);
        assert.deepEqual(await (await fetch(`${url}/items/7`)).json(), { id: '7' });
        assert.equal((await fetch(`${url}/fail`)).status, 500);

        const request = await find(isServer('/items/7'));
        assert.equal(request.name, 'GET /items/:id');
        assert.equal(request.parentSpanId, '');
        assert.equal(request.fields['http.route'], '/items/:id');
        assert.equal(request.fields['http.request.method'], 'GET');
        assert.equal(request.fields['http.response.status_code'], 200);
        const inner = await find((span) => span.scope?.name === `@signalbox/agent/${framework}` && span.parentSpanId === request.spanId);
        assert.equal(inner.traceId, request.traceId);

        const failing = await find(isServer('/fail'));
        assert.equal(failing.status.code, ERROR);
        assert.equal(failing.fields['http.response.status_code'], 500);
        const thrown = await find((span) => span.traceId === failing.traceId && span.events.length > 0);
        const exception = Object.fromEntries(thrown.events[0]?.attributes.map(({ key, value }) => [key, value]) ?? []);
        assert.equal(exception['exception.type'], 'TypeError');
        assert.equal(exception['exception.message'], 'it fails');
      });
    }

    it(`http.${kind}: fetch and node:http carry trace context and baggage`, async () => {
      const url = await start(`http.${kind}`);
      const traceId = '0af7651916cd43dd8448eb211c80319c';
      const { fetched, got } = await frontHeaders(url, { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=x', baggage: 'customer=gold' });
      for (const headers of [fetched, got]) {
        assert.match(headers['traceparent'] ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
        assert.equal(headers['tracestate'], 'vendor=x');
        assert.equal(headers['baggage'], 'customer=gold');
      }
      const front = await find(isServer('/front'));
      assert.equal(front.traceId, traceId);
      assert.equal(front.parentSpanId, 'b7ad6b7169203331');
      assert.equal(front.traceState, 'vendor=x');
      for (const headers of [fetched, got]) {
        const spanId = headers['traceparent']?.split('-')[2];
        const client = await find((span) => span.spanId === spanId);
        assert.equal(client.kind, CLIENT);
        assert.equal(client.parentSpanId, front.spanId);
        const back = await find((span) => span.parentSpanId === spanId);
        assert.equal(back.kind, SERVER);
      }
    });

    it(`grpc.${kind}: client and server of a call, with their status`, async () => {
      const url = await start(`grpc.${kind}`);
      assert.equal(await (await fetch(`${url}/Ada`)).text(), 'Hello Ada');
      assert.equal((await fetch(`${url}/nobody`)).status, 502);
      const request = await find(isServer('/Ada'));
      const client = await find((span) => span.kind === CLIENT && span.parentSpanId === request.spanId);
      assert.equal(client.fields['rpc.system'], 'grpc');
      assert.equal(client.fields['rpc.service'], 'greeter.Greeter');
      const server = await find((span) => span.parentSpanId === client.spanId);
      assert.equal(server.kind, SERVER);
      assert.equal(server.fields['rpc.method'], 'Greet');
      const failed = await find(isServer('/nobody'));
      const failedClient = await find((span) => span.kind === CLIENT && span.parentSpanId === failed.spanId);
      assert.equal(failedClient.status.code, ERROR);
      assert.equal(failedClient.fields['rpc.grpc.status_code'], 5);
    });
  }

  describe('of a database', () => {
    let database: PGlite;
    let server: PGLiteSocketServer;
    before(async () => {
      database = await PGlite.create();
      server = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1' });
      await server.start();
    });
    after(async () => {
      await server.stop();
      await database.close();
    });

    for (const kind of ['mjs', 'cjs']) {
      it(`pg.${kind}: the statement without its values, and the error of a failing one`, async () => {
        const url = await start(`pg.${kind}`, { PGPORT: server.getServerConn().split(':').at(-1) ?? '' });
        assert.deepEqual(await (await fetch(url)).json(), [{ length: 13 }]);
        assert.equal((await fetch(`${url}/fail`)).status, 500);
        const request = await find(isServer('/'));
        const query = await find((span) => span.traceId === request.traceId && span.fields['db.query.text'] !== undefined);
        assert.equal(query.kind, CLIENT);
        assert.equal(query.fields['db.query.text'], 'SELECT length($1::text)');
        assert.equal(query.fields['db.system.name'], 'postgresql');
        const failing = await find(isServer('/fail'));
        const failed = await find((span) => span.traceId === failing.traceId && span.status.code === ERROR && span.kind === CLIENT);
        assert.match(failed.status.message, /missing/);
        assert.doesNotMatch(JSON.stringify(collector.spans().map((span) => span.fields)), /secret-password|private-value/);
        await application?.stop();
      });
    }
  });
});
