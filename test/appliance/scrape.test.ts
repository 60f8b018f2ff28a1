import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';

interface Targets {
  readonly data: { readonly activeTargets: readonly { readonly scrapePool: string; readonly health: string; readonly labels: Readonly<Record<string, string>> }[] };
}

describe('scraping by the appliance', function () {
  this.timeout(180_000);

  it('keeps what a target exposes, and shows the target to its tenant alone', async () => {
    const target = createServer((_request, response) => void response.setHeader('content-type', 'text/plain; version=0.0.4').end('# TYPE jobs_total counter\njobs_total{queue="mail"} 42\n'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const appliance = await startAppliance({
      receivers: `prometheus: { config: { scrape_configs: [{ job_name: work, scrape_interval: 1s, static_configs: [{ targets: ["127.0.0.1:${(target.address() as AddressInfo).port}"] }] }] } }`,
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheus], exporters: [store] } } }\n',
    });
    try {
      const ask = async <T>(path: string, tenant = 'default'): Promise<T> => (await (await fetch(`${appliance.url}/prometheus/api/v1/${path}`, { headers: { 'x-scope-orgid': tenant } })).json()) as T;
      const value = async (): Promise<unknown> => (await ask<{ data: { result: { value: unknown[] }[] } }>('query?query=jobs_total{queue="mail",job="work"}')).data.result[0]?.value[1];
      await eventually(async () => assert.equal(await value(), '42'));
      // A busy machine may miss one scrape.
      await eventually(async () => assert.deepEqual((await ask<Targets>('targets')).data.activeTargets.map(({ scrapePool, health }) => [scrapePool, health]), [['work', 'up']]));
      assert.deepEqual((await ask<Targets>('targets', 'other')).data.activeTargets, []);
    } finally {
      await appliance.stop();
      target.closeAllConnections();
      target.close();
    }
  });
});
