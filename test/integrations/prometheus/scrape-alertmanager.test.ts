import assert from 'node:assert/strict';
import { startAppliance } from '../../harness/appliance.js';
import { startAlertmanager } from '../../servers/alertmanager/start.js';
import { requireServer } from '../../servers/require-server.js';
import { eventually } from '../eventually.js';

interface Vector {
  readonly data: { readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[] };
}

/** A target that is not ours: a Go server with counters, gauges, summaries and histograms, classic and native. */
describe('scraping a real Alertmanager', function () {
  this.timeout(240_000);

  it('keeps every series that it exposes, and counts them', async function () {
    requireServer(this, 'alertmanager');
    const target = await startAlertmanager();
    const appliance = await startAppliance({
      receivers: `prometheus: { config: { scrape_configs: [{ job_name: alerting, scrape_interval: 1s, static_configs: [{ targets: ["${new URL(target.url).host}"] }] }] } }`,
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheus], exporters: [store] } } }\n',
    });
    try {
      const ask = async (query: string): Promise<Vector['data']['result']> =>
        ((await (await fetch(`${appliance.url}/prometheus/api/v1/query?${new URLSearchParams({ query }).toString()}`)).json()) as Vector).data.result;
      // A scrape or two later, since the first one itself makes series come to be; one that takes too long leaves nothing.
      await eventually(async () => assert.deepEqual((await ask('sum_over_time(up{job="alerting"}[1m]) >= 3 and up{job="alerting"} == 1')).length, 1), 120_000);

      const exposed = (await (await fetch(`${target.url}/metrics`)).text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      const names = [...new Set(exposed.map((line) => /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? assert.fail(line)))];
      assert.ok(names.length > 100, `${names.length} names`);
      // As of the last scrape, which may have taken too long as well.
      await eventually(async () => {
        const kept = new Map((await ask('count by (__name__) ({job="alerting"})')).map(({ metric, value }) => [metric['__name__'], Number(value[1])]));
        for (const name of names) assert.equal(kept.get(name), exposed.filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length))).length, name);
        assert.equal(Number((await ask('scrape_samples_scraped{job="alerting"}'))[0]?.value[1]), exposed.length);
      });
      assert.match((await ask('alertmanager_build_info{job="alerting"}'))[0]?.metric['goversion'] ?? '', /^go/);
    } finally {
      await appliance.stop();
      await target.stop();
    }
  });
});
