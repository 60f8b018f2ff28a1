import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Application, buildAgent, frontHeaders } from './application.test.js';
import { freePort, plain, TestCollector } from './collector.test.js';

/** So that nothing is sent before the end, and a busy machine has time to send it then. */
const LAZY = {
  SIGNALBOX_AGENT_EXIT_TIMEOUT_MS: '20000',
  OTEL_BSP_SCHEDULE_DELAY: '60000',
  OTEL_BLRP_SCHEDULE_DELAY: '60000',
  OTEL_METRIC_EXPORT_INTERVAL: '60000',
  OTEL_SERVICE_NAME: 'shop',
};
/** Nobody is there: the exit waits this long at most, the exporter itself would a hundred times as long. */
const AWAY = { ...LAZY, SIGNALBOX_AGENT_EXIT_TIMEOUT_MS: '500', OTEL_EXPORTER_OTLP_TIMEOUT: '50000' };
const IN_TIME_MS = 20_000;
const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '200', OTEL_SERVICE_NAME: 'shop' };

describe('the life of an application with the agent', function () {
  this.timeout(180_000);
  let collector: TestCollector | undefined;
  let application: Application | undefined;
  before(() => buildAgent());
  afterEach(async () => {
    await application?.stop('SIGKILL');
    await collector?.close();
    collector = undefined;
  });

  const start = (fixture: string, environment: Record<string, string>, args: string[] = []): Application =>
    (application = new Application(fixture, environment, { args }));

  describe('with a collector', () => {
    const ends: readonly [how: string, kill: NodeJS.Signals | null, code: number | null, signal: string | null][] = [
      ['natural', null, 0, null],
      ['exit', null, 3, null],
      ['throw', null, 1, null],
      ['serve', 'SIGTERM', null, 'SIGTERM'],
      ['serve', 'SIGINT', null, 'SIGINT'],
      ['own-handler', 'SIGTERM', 7, null],
    ];
    for (const [how, kill, code, signal] of ends) {
      it(`sends its last spans and metrics when it ends by ${kill ?? how}${how === 'own-handler' ? ', handled by itself' : ''}, and ends as it would have`, async () => {
        collector = await new TestCollector().start();
        const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY }, [how]);
        const { url } = await app.ready();
        assert.equal(await (await fetch(url)).text(), 'answered');
        const ended = await (kill === null ? app.end() : app.stop(kill));
        assert.deepEqual({ code: ended.code, signal: ended.signal }, { code, signal });
        assert.deepEqual(collector.spans().map(({ name }) => name), ['GET']);
        if (how === 'own-handler') assert.match(ended.stdout, /own handler/);
        assert.ok(collector.metrics().some(({ name }) => name === 'http.server.request.duration'), 'the last metrics');
      });
    }

    it('says in one line what is instrumented, as what, and where it is sent', async () => {
      collector = await new TestCollector().start();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg' });
      await fetch((await app.ready()).url);
      const { stderr } = await app.end();
      assert.equal(stderr, `signalbox-agent: tracing http, pg as "shop" → ${collector.grpcUrl} (grpc)\n`);
    });

    it('is silent when told so', async () => {
      collector = await new TestCollector().start();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, SIGNALBOX_AGENT_QUIET: '1' });
      await fetch((await app.ready()).url);
      assert.equal((await app.end()).stderr, '');
    });

    for (const protocol of ['http/protobuf', 'http/json']) {
      it(`speaks ${protocol}`, async () => {
        collector = await new TestCollector().start();
        const app = start('prom-client.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...QUICK });
        await fetch((await app.ready()).url);
        const metric = await collector.until((it) => it.metrics().find(({ name }) => name === 'orders_total'));
        assert.equal(plain(metric.resource?.attributes ?? [])['service.name'], 'shop');
        await collector.until((it) => it.metrics().find(({ name }) => name === 'http.server.request.duration'));
        await collector.until((it) => it.spans().find(({ name }) => name === 'GET'));
        assert.match((await app.stop()).stderr, new RegExp(`→ ${collector.httpUrl} \\(${protocol}\\)\n`));
      });
    }

    it('sends its token, and says what to do when it has none, without ever showing it', async () => {
      const token = 'sbx_0123456789abcdef';
      const seen = new Set<string | undefined>();
      collector = await new TestCollector({
        auth: {
          write(authorization) {
            seen.add(authorization);
            return authorization === `Bearer ${token}` ? { tenant: 'default' } : { refused: 'unauthenticated', reason: 'no such token' };
          },
        },
      }).start();
      const refused = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, SIGNALBOX_TOKEN: 'sbx_wrong' }, ['serve']);
      const { url } = await refused.ready();
      await fetch(url);
      await refused.stop('SIGTERM');
      assert.deepEqual([...seen], ['Bearer sbx_wrong']);

      const quick = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...QUICK }, ['serve']);
      await fetch((await quick.ready()).url);
      while (!quick.stderr.includes('SBX_AGENT_UNAUTHENTICATED')) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.match(quick.stderr, /SIGNALBOX_TOKEN/);
      await quick.stop();

      const accepted = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, SIGNALBOX_TOKEN: token });
      await fetch((await accepted.ready()).url);
      const { stderr } = await accepted.end();
      assert.equal(collector.spans().length, 1);
      assert.doesNotMatch(stderr, /sbx_/);
    });
  });

  describe('without a collector', () => {
    for (const protocol of ['grpc', 'http/protobuf']) {
      it(`answers and ends in time (${protocol})`, async () => {
        const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...AWAY });
        assert.equal(await (await fetch((await app.ready()).url)).text(), 'answered');
        const began = performance.now();
        const { code, stderr } = await app.end();
        assert.equal(code, 0);
        assert.ok(performance.now() - began < IN_TIME_MS);
        assert.doesNotMatch(stderr, /Error|    at /);
      });
    }

    it('does not wait for an address that does not answer', async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as AddressInfo;
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...AWAY });
      await fetch((await app.ready()).url);
      const began = performance.now();
      const { code } = await app.end();
      silent.close();
      assert.equal(code, 0);
      assert.ok(performance.now() - began < IN_TIME_MS);
    });

    it('warns once while the collector is away and once when it is back, and then sends what it kept', async () => {
      const port = await freePort();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...QUICK }, ['serve']);
      const { url } = await app.ready();
      for (let turn = 0; turn < 5; turn++) await fetch(`${url}/${turn}`);
      while (!app.stderr.includes('SBX_AGENT_UNREACHABLE')) await new Promise((resolve) => setTimeout(resolve, 20));
      for (let turn = 5; turn < 10; turn++) await fetch(`${url}/${turn}`);
      collector = await new TestCollector({ grpcPort: port }).start();
      await collector.until((it) => (it.spans().length === 10 ? true : undefined));
      while (!app.stderr.includes('again')) await new Promise((resolve) => setTimeout(resolve, 20));
      const { stderr } = await app.stop();
      assert.deepEqual(collector.spans().map(({ fields }) => fields['url.path']), Array.from({ length: 10 }, (_, turn) => `/${turn}`));
      assert.equal(stderr.split('\n').length - 1, 3, stderr);
      assert.match(stderr, /^signalbox-agent: tracing .*\nsignalbox-agent: \[SBX_AGENT_UNREACHABLE\] .*ECONNREFUSED.*\nsignalbox-agent: .* takes telemetry again; nothing was lost\n$/);
    });

    it('bounds what it keeps, and says what was lost', async () => {
      const port = await freePort();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...QUICK, OTEL_BSP_MAX_QUEUE_SIZE: '5', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1', OTEL_METRICS_EXPORTER: 'none' }, ['serve']);
      const { url } = await app.ready();
      for (let turn = 0; turn < 30; turn++) await fetch(url);
      while (!app.stderr.includes('SBX_AGENT_UNREACHABLE')) await new Promise((resolve) => setTimeout(resolve, 20));
      collector = await new TestCollector({ grpcPort: port }).start();
      while (!app.stderr.includes('again')) await new Promise((resolve) => setTimeout(resolve, 20));
      await app.stop();
      const kept = collector.spans().length;
      assert.ok(kept >= 5 && kept < 15, String(kept));
      assert.match(app.stderr, /lost meanwhile: 2\d spans/);
    });
  });

  describe('as OTEL_* say', () => {
    it('does nothing with OTEL_SDK_DISABLED', async () => {
      collector = await new TestCollector().start();
      const app = start('http.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, OTEL_SDK_DISABLED: 'true' });
      const { fetched } = await frontHeaders((await app.ready()).url);
      assert.equal(fetched['traceparent'], undefined);
      const { stderr } = await app.stop();
      assert.equal(stderr, 'signalbox-agent: off (OTEL_SDK_DISABLED=true)\n');
      assert.equal(collector.requests.length, 0);
    });

    it('sends no traces with OTEL_TRACES_EXPORTER=none, but metrics', async () => {
      collector = await new TestCollector().start();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, OTEL_TRACES_EXPORTER: 'none' });
      await fetch((await app.ready()).url);
      await app.end();
      assert.deepEqual([...new Set(collector.requests.map(({ signal }) => signal))], ['metrics']);
    });

    it('samples with OTEL_TRACES_SAMPLER', async () => {
      collector = await new TestCollector().start();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, OTEL_TRACES_SAMPLER: 'always_off' });
      await fetch((await app.ready()).url);
      await app.end();
      assert.deepEqual(collector.spans(), []);
    });

    it('propagates with OTEL_PROPAGATORS', async () => {
      collector = await new TestCollector().start();
      const app = start('http.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, OTEL_PROPAGATORS: 'b3' });
      const { fetched } = await frontHeaders((await app.ready()).url);
      assert.match(fetched['b3'] ?? '', /^[0-9a-f]{32}-/);
      assert.equal(fetched['traceparent'], undefined);
    });

    it('prints to the console with OTEL_TRACES_EXPORTER=console, and loads further instrumentations by name', async () => {
      const app = start('plain.mjs', {
        OTEL_TRACES_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'shop',
        OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,net,no-such-thing',
      });
      await fetch((await app.ready()).url);
      const { stdout, stderr } = await app.end();
      assert.match(stdout, /http\.request\.method/);
      assert.match(stderr, /"no-such-thing", which there is no instrumentation for\n.*tracing http, net as "shop" → console\n$/);
    });

    it('names a value that it does not understand, and runs', async () => {
      collector = await new TestCollector().start();
      const app = start('plain.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY, OTEL_BSP_MAX_QUEUE_SIZE: 'lots' });
      await fetch((await app.ready()).url);
      assert.match((await app.end()).stderr, /\[SBX_AGENT_SETTING\] OTEL_BSP_MAX_QUEUE_SIZE is "lots"/);
      assert.equal(collector.spans().length, 1);
    });
  });

  it('instruments threads of the application, and by NODE_OPTIONS its child processes', async () => {
    collector = await new TestCollector().start();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...QUICK, NODE_OPTIONS: '--import @signalbox/agent/register' };
    application = new Application('threads.mjs', environment, { agent: false });
    const { url } = await application.ready();
    assert.equal(await (await fetch(url)).text(), 'from a thread');
    await collector.until((it) => it.spans().find(({ name }) => name === 'GET'));
    const { code, stderr } = await application.stop();
    assert.equal(code, 0);
    assert.equal(stderr.match(/tracing/g)?.length, 1, stderr);
  });

  it('leaves an application without any known library alone', async () => {
    collector = await new TestCollector().start();
    const app = start('nothing.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...LAZY });
    const { code, stdout } = await app.end();
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'done\n' });
    assert.deepEqual(collector.requests, []);
  });
});
