import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningAppliance } from '../../harness/appliance.js';
import { startAppliance } from '../../harness/appliance.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';
import { eventually } from '../eventually.js';

/** All that can be said of a family, and too little; help with what has to be escaped. */
const TEXT = `# HELP jobs_total What was "done",\\nline by line, in C:\\\\jobs.
# TYPE jobs_total counter
jobs_total{queue="mail"} 42
# TYPE depth gauge
depth 3
# HELP helped Of no type.
helped 1
# TYPE old untyped
old 1
# HELP seconds How long it took.
# TYPE seconds histogram
seconds_bucket{le="1"} 1
seconds_bucket{le="+Inf"} 2
seconds_sum 2.5
seconds_count 2
# TYPE size summary
size{quantile="0.5"} 1
size_sum 2
size_count 2
# HELP "without.samples" Of nothing that comes.
bare 1
`;

const OPENMETRICS = `# HELP requests Requests.
# TYPE requests counter
requests_total 1
# TYPE wait_seconds gauge
# UNIT wait_seconds seconds
# HELP wait_seconds How long.
wait_seconds 0.5
# TYPE version info
version_info{v="1"} 1
# TYPE state stateset
state{state="on"} 1
# TYPE sizes gaugehistogram
sizes_bucket{le="+Inf"} 2
sizes_gcount 2
sizes_gsum 3
# TYPE odd unknown
odd 1
# EOF
`;

interface Entry {
  readonly target: Readonly<Record<string, string>>;
  readonly metric?: string;
}

interface Answer {
  readonly status: string;
  readonly data: readonly Entry[];
}

describe('integration: what targets say of their metrics, beside Prometheus itself', function targetMetadata() {
  this.timeout(180_000);
  let exposing: Server;
  let server: RunningServer | undefined;
  let appliance: RunningAppliance | undefined;
  let theirs: Side;
  let ours: Side;
  before(async function () {
    requireOwnServer(this, 'prometheus');
    exposing = createServer((request, response) => {
      if (request.url === '/broken') response.writeHead(500).end();
      else if (request.url === '/openmetrics') response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8').end(OPENMETRICS);
      else response.setHeader('content-type', 'text/plain; version=0.0.4').end(TEXT);
    });
    await new Promise<void>((resolve) => exposing.listen(0, '127.0.0.1', resolve));
    const targets = `static_configs: [{ targets: ["127.0.0.1:${(exposing.address() as AddressInfo).port}"], labels: { dc: "żółw" } }]`;
    const scrapeConfigs = `scrape_configs: [{ job_name: text, scrape_interval: 1s, scrape_timeout: 1s, ${targets} }, { job_name: open, scrape_interval: 1s, scrape_timeout: 1s, metrics_path: /openmetrics, ${targets} }, { job_name: broken, scrape_interval: 1s, scrape_timeout: 1s, metrics_path: /broken, ${targets} }]`;
    server = await startWholePrometheus({ config: `${scrapeConfigs}\n` });
    appliance = await startAppliance({
      receivers: `prometheus: { config: { ${scrapeConfigs} } }`,
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheus], exporters: [store] } } }\n',
    });
    theirs = new Side('prometheus', server.url);
    ours = new Side('signalbox', `${appliance.url}/prometheus`);
  });
  after(async () => {
    await appliance?.stop();
    await server?.stop();
    exposing?.closeAllConnections();
    exposing?.close();
  });

  const ask = async (side: Side, params: Record<string, string>): Promise<Answer> => JSON.parse((await side.ask('api/v1/targets/metadata', params)).text) as Answer;
  /** Neither targets nor families have an order. */
  const sorted = ({ data }: Answer): string[] => data.map((entry) => JSON.stringify([Object.entries(entry.target).sort(), { ...entry, target: null }])).sort();

  it('answers alike, for targets and metrics that are asked for', async () => {
    await eventually(async () => {
      for (const side of [theirs, ours]) assert.deepEqual([...new Set((await ask(side, {})).data.map(({ target }) => target['job']))].sort(), ['open', 'text'], side.name);
    }, 60_000);
    const asked: readonly Record<string, string>[] = [
      {}, { metric: 'jobs_total' }, { metric: 'requests' }, { metric: 'nothing' }, { match_target: '{job="text"}' }, { match_target: '{job=~"o.*",dc="żółw"}' }, { match_target: '{job!="text"}', metric: 'wait_seconds' },
      { match_target: '{dc="elsewhere"}' }, { match_target: '{missing=""}', metric: 'seconds' }, { match_target: 'text' }, { match_target: '{job="broken"}' }, { match_target: '{}' }, { limit: '0' }, { limit: '-1' }, { limit: '1000', metric: 'depth' },
      { limit: '1', match_target: '{job="text"}' },
    ];
    for (const params of asked) {
      const [expected, actual] = await Promise.all([ask(theirs, params), ask(ours, params)]);
      assert.deepEqual(Object.keys(actual.data[0] ?? {}), Object.keys(expected.data[0] ?? {}), JSON.stringify(params));
      assert.deepEqual(sorted(actual), sorted(expected), JSON.stringify(params));
    }
    assert.ok(sorted(await ask(ours, {})).length > 10);
  });

  it('looks at no further target once there are as many entries as wanted', async () => {
    for (const side of [theirs, ours]) {
      const { data } = await ask(side, { limit: '1' });
      assert.equal(new Set(data.map(({ target }) => target['job'])).size, 1, side.name);
      assert.ok(data.length > 1, `${side.name}: all of the first target`);
    }
  });

  it('refuses the same', async () => {
    for (const params of [{ match_target: 'x{' }, { match_target: '{a=~"("}' }, { limit: 'x' }] as readonly Record<string, string>[]) {
      assert.deepEqual(await ours.ask('api/v1/targets/metadata', params), await theirs.ask('api/v1/targets/metadata', params), JSON.stringify(params));
    }
  });

  it('tells other tenants nothing', async () => {
    const other = new Side('other', ours.url, { 'x-scope-orgid': 'other' });
    assert.deepEqual((await ask(other, {})).data, []);
  });
});
