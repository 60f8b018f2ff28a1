import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@signalbox/journal/journal';
import { Application, buildAgent } from './application.test.js';
import { TestCollector } from './collector.test.js';
import { cuttingProxy } from './cutting-proxy.test.js';

const ENVIRONMENT = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'shop' };

describe('a retry after a lost answer', function () {
  this.timeout(180_000);
  before(() => buildAgent());

  for (const protocol of ['grpc', 'http/protobuf', 'http/json']) {
    it(`appends nothing twice (${protocol})`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'signalbox-agent-retry-'));
      const journal = await Journal.open({ dir, maxBytes: 4 << 20, minFreeShare: 0 });
      const collector = await new TestCollector({ journal }).start();
      const url = protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl;
      const proxy = await cuttingProxy(Number(new URL(url).port), () => collector.requests.length > 0);
      const app = new Application('plain.mjs', { ...ENVIRONMENT, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${proxy.port}`, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }, { args: ['serve'] });
      try {
        const ready = await app.ready();
        for (let turn = 0; turn < 3; turn++) await fetch(`${ready.url}/first/${turn}`);
        await collector.until((it) => (it.duplicates > 0 ? true : undefined));
        await fetch(`${ready.url}/last`);
        await collector.until((it) => it.spans().find(({ fields }) => fields['url.path'] === '/last'));
        assert.equal(proxy.cuts(), 1);
        assert.deepEqual(collector.spans().map(({ fields }) => fields['url.path']).sort(), ['/first/0', '/first/1', '/first/2', '/last']);
        const ids = collector.requests.map(({ batchId }) => batchId);
        assert.equal(new Set(ids).size, ids.length, 'another id for each batch');
        for (const id of ids) assert.match(id ?? '', /^[0-9a-f-]{36}$/);
      } finally {
        await app.stop('SIGKILL');
        await proxy.close();
        await collector.close();
        await journal.close();
        rmSync(dir, { recursive: true });
      }
    });
  }
});
