import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { Application, buildAgent } from './application.test.js';
import { freePort, plain, TestCollector } from './collector.test.js';
import type { CuttingProxy } from './cutting-proxy.test.js';
import { cuttingProxy } from './cutting-proxy.test.js';

const ENVIRONMENT = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'shop', SIGNALBOX_AGENT_EXIT_TIMEOUT_MS: '20000' };

describe('an application with a spool', function () {
  this.timeout(180_000);
  let dir: string;
  let spool: string;
  let collector: TestCollector | undefined;
  let journal: Journal | undefined;
  let proxy: CuttingProxy | undefined;
  const applications: Application[] = [];
  before(() => buildAgent());
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-agent-spool-'));
    spool = join(dir, 'spool');
  });
  afterEach(async () => {
    await Promise.all(applications.splice(0).map((application) => application.stop('SIGKILL')));
    await proxy?.close();
    await collector?.close();
    await journal?.close();
    proxy = undefined;
    collector = undefined;
    journal = undefined;
    rmSync(dir, { recursive: true });
  });

  const start = (port: number, environment: Record<string, string> = {}, how = 'serve'): Application => {
    const endpoint = `http://127.0.0.1:${port}`;
    const application = new Application('plain.mjs', { ...ENVIRONMENT, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', SIGNALBOX_AGENT_SPOOL_DIRECTORY: spool, ...environment }, { args: [how] });
    applications.push(application);
    return application;
  };
  const paths = (): unknown[] => collector?.spans().map(({ fields }) => fields['url.path']) ?? [];
  /** Paths of the spans on disk in the folder of the first process, delivered or not. */
  const kept = async (): Promise<unknown[]> => {
    if (!existsSync(join(spool, '0', 'cursors'))) return [];
    const reader = await JournalReader.open(join(spool, '0'));
    const { frames } = await reader.read(0, { maxBytes: 1 << 20, wants: () => true });
    await reader.close();
    return frames.flatMap(({ payload }) => decodeTraces(payload).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ attributes }) => plain(attributes)['url.path']))));
  };
  const untilKept = async (path: string): Promise<void> => {
    while (!(await kept()).includes(path)) await delay(20);
  };

  it('writes nothing to disk while the collector is there', async () => {
    collector = await new TestCollector().start();
    const application = start(Number(new URL(collector.grpcUrl).port));
    await fetch(`${(await application.ready()).url}/one`);
    await collector.until(() => (paths().length === 1 ? true : undefined));
    assert.equal((await application.stop()).signal, 'SIGTERM');
    assert.equal(existsSync(spool), false);
  });

  it('keeps what it could not send when it is killed; the next one sends it, once and in order', async () => {
    const port = await freePort();
    const killed = start(port);
    const { url } = await killed.ready();
    for (let turn = 0; turn < 5; turn++) {
      await fetch(`${url}/killed/${turn}`);
      await untilKept(`/killed/${turn}`);
    }
    await killed.stop('SIGKILL');
    collector = await new TestCollector({ grpcPort: port }).start();
    const next = start(port);
    await collector.until(() => (paths().length === 5 ? true : undefined));
    await fetch(`${(await next.ready()).url}/next`);
    await collector.until(() => (paths().includes('/next') ? true : undefined));
    assert.deepEqual(paths(), [0, 1, 2, 3, 4].map((turn) => `/killed/${turn}`).concat('/next'));
    await next.stop();
    const third = start(port);
    await fetch(`${(await third.ready()).url}/third`);
    await collector.until(() => (paths().includes('/third') ? true : undefined));
    assert.equal(paths().length, 7, 'nothing is sent twice');
  });

  for (const end of ['SIGTERM', 'exit'] as const) {
    it(`keeps its last spans at ${end} while the collector is away`, async () => {
      const port = await freePort();
      const first = start(port, { OTEL_BSP_SCHEDULE_DELAY: '60000' }, end === 'exit' ? 'exit' : 'serve');
      await fetch(`${(await first.ready()).url}/last`);
      const { code, signal } = await (end === 'exit' ? first.end() : first.stop('SIGTERM'));
      assert.deepEqual([code, signal], end === 'exit' ? [3, null] : [null, 'SIGTERM']);
      assert.deepEqual(await kept(), ['/last']);
      collector = await new TestCollector({ grpcPort: port }).start();
      start(port);
      await collector.until(() => (paths().length === 1 ? true : undefined));
      assert.deepEqual(paths(), ['/last']);
    });
  }

  it('appends nothing twice of what the collector had taken before the application was killed', async () => {
    journal = await Journal.open({ dir: join(dir, 'journal'), maxBytes: 4 << 20, minFreeShare: 0 });
    collector = await new TestCollector({ journal }).start();
    const taken = collector;
    proxy = await cuttingProxy(Number(new URL(collector.grpcUrl).port), () => taken.requests.length > 0, Infinity);
    const killed = start(proxy.port);
    await fetch(`${(await killed.ready()).url}/taken`);
    await untilKept('/taken');
    await killed.stop('SIGKILL');
    const next = start(Number(new URL(collector.grpcUrl).port));
    await fetch(`${(await next.ready()).url}/next`);
    await collector.until((it) => (paths().includes('/next') && it.duplicates > 0 ? true : undefined));
    assert.deepEqual(paths().sort(), ['/next', '/taken']);
  });

  it('goes on in memory where the disk is not writable, and says so once', async () => {
    writeFileSync(spool, 'not a directory');
    const port = await freePort();
    const application = start(port);
    const { url } = await application.ready();
    for (let turn = 0; turn < 3; turn++) await fetch(`${url}/${turn}`);
    while (!application.stderr.includes('SBX_AGENT_SPOOL')) await delay(20);
    collector = await new TestCollector({ grpcPort: port }).start();
    await collector.until(() => (paths().length === 3 ? true : undefined));
    assert.equal(application.stderr.match(/SBX_AGENT_SPOOL/g)?.length, 1, application.stderr);
  });

  it('counts what was sent and what was lost', async () => {
    const port = await freePort();
    const environment = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '200', SIGNALBOX_AGENT_SPOOL_MAX_AGE_MS: '1' };
    const first = start(port, { ...environment, OTEL_METRICS_EXPORTER: 'none' });
    await fetch(`${(await first.ready()).url}/old`);
    await untilKept('/old');
    await first.stop('SIGKILL');
    collector = await new TestCollector({ grpcPort: port }).start();
    const next = start(port, environment);
    await fetch(`${(await next.ready()).url}/new`);
    const sum = (errorType: string | undefined): number | undefined => {
      const values = collector?.metrics().findLast(({ name }) => name === 'otel.sdk.exporter.span.exported')?.values;
      const point = values?.type === 'sum' ? values.dataPoints.find(({ attributes }) => plain(attributes)['error.type'] === errorType) : undefined;
      return point === undefined ? undefined : Number(point.value);
    };
    await collector.until(() => (sum(undefined) === 1 && sum('spool_expired') === 1 ? true : undefined));
    assert.deepEqual(paths(), ['/new']);
  });
});
