import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import type { RunningAppliance } from '../../harness/appliance.js';
import { startAppliance } from '../../harness/appliance.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';
import { eventually } from '../eventually.js';

/** What stands behind the name of each histogram. Of many something is odd: they become a native one all the same, stay what they are, or go. */
const CASES: Readonly<Record<string, string>> = {
  plain: '_bucket{le="0.1"} 5 _bucket{le="1"} 7 _bucket{le="1000000"} 8 _bucket{le="+Inf"} 9 _sum 12.5 _count 9',
  labelled: '_bucket{route="/a",le="0.1"} 5 _bucket{le="+Inf",route="/a"} 9 _sum{route="/a"} 12.5 _count{route="/a"} 9 _bucket{route="/b",le="0.1"} 1 _bucket{route="/b",le="+Inf"} 1 _sum{route="/b"} 0.05 _count{route="/b"} 1',
  no_infinity: '_bucket{le="1"} 5 _sum 12.5 _count 9',
  no_sum: '_bucket{le="1"} 5 _bucket{le="+Inf"} 9 _count 9',
  no_count: '_bucket{le="1"} 5 _bucket{le="+Inf"} 9 _sum 9',
  neither: '_bucket{le="1"} 5 _bucket{le="2"} 9 _sum 9',
  only_count: '_count 4 _sum 9',
  only_sum: '_sum 9',
  down: '_bucket{le="1"} 5 _bucket{le="2"} 4 _bucket{le="+Inf"} 9 _sum 9 _count 9',
  nan_bucket: '_bucket{le="1"} NaN _bucket{le="2"} 4 _bucket{le="+Inf"} 9 _sum 9 _count 9',
  nan_count: '_bucket{le="1"} 3 _bucket{le="+Inf"} 9 _sum 9 _count NaN',
  nan_sum: '_bucket{le="1"} 3 _bucket{le="+Inf"} 9 _sum NaN _count 9',
  nan_all: '_bucket{le="+Inf"} NaN _sum NaN _count NaN',
  twice_bucket: '_bucket{le="1"} 3 _bucket{le="1.0"} 5 _bucket{le="+Inf"} 9 _sum 9 _count 9',
  twice_sum: '_bucket{le="1"} 1 _bucket{le="+Inf"} 1 _sum 1 _sum 2 _count 1',
  unsorted: '_count 9 _sum 9 _bucket{le="+Inf"} 9 _bucket{le="3"} 7 _bucket{le="1"} 3 _bucket{le="2"} 5',
  floats: '_bucket{le="1"} 1.5 _bucket{le="2"} 1.5 _bucket{le="+Inf"} 2.75 _sum 9 _count 2.75',
  odd_bounds: '_bucket{le="1"} 3 _bucket{le="many"} 4 _bucket{le="NaN"} 5 _bucket{le="1e999"} 6 _bucket{le="0x10"} 7 _bucket{le="+Inf"} 9 _sum 9 _count 9',
  no_bound: '_bucket{le="1"} 3 _bucket 4 _bucket{le="+Inf"} 9 _sum 9 _count 9',
  mismatch: '_bucket{le="1"} 3 _bucket{le="+Inf"} 8 _sum 9 _count 9',
  negative: '_bucket{le="1"} -3 _bucket{le="+Inf"} 8 _sum 9 _count 8',
  negative_bounds: '_bucket{le="-Inf"} 0 _bucket{le="-2.5"} 1 _bucket{le="0"} 3 _bucket{le="+Inf"} 8 _sum -9 _count 8',
  zero: '_bucket{le="1"} 0 _bucket{le="+Inf"} 0 _sum 0 _count 0',
  infinite: '_bucket{le="1"} +Inf _bucket{le="+Inf"} +Inf _sum 0 _count +Inf',
  gap: '_bucket{le="1"} 1 _bucket{le="2"} 1 _bucket{le="3"} 1 _bucket{le="4"} 1 _bucket{le="5"} 1 _bucket{le="6"} 4 _bucket{le="+Inf"} 4 _sum 1 _count 4',
  others: '_created 12 _bucket{le="1"} 1 _bucket{le="+Inf"} 2 _sum 3 _count 2 _other 3',
  huge: '_bucket{le="1"} 1e300 _bucket{le="+Inf"} 1e300 _sum 3 _count 1e300',
  own: '_bucket{job="mine",le="1"} 1 _bucket{job="mine",le="+Inf"} 1 _sum{job="mine"} 1 _count{job="mine"} 1',
};
const TEXT = `${Object.entries(CASES).map(([name, lines]) => `# TYPE ${name} histogram\n${lines.split(' _').map((line) => `${name}_${line.replace(/^_/, '')}\n`).join('')}`).join('')}# TYPE untyped untyped
untyped_bucket{le="1"} 1
untyped_bucket{le="+Inf"} 1
untyped_sum 1
untyped_count 1
late_bucket{le="+Inf"} 1
late_sum 1
late_count 1
# TYPE late histogram
`;
/** They differ from scrape to scrape. */
const VARYING = /^scrape_(?:duration_seconds|series_added)$/;

/** A histogram whose counts are multiples of the phase; without one there is none. */
const changing = (phase: number | null, seconds: number): string => `# TYPE waits histogram
${phase === null ? '' : `waits_bucket{le="0.1"} ${phase} # {trace_id="aa"} 0.05
waits_bucket{le="1"} ${phase * 2} # {trace_id="bb"} 0.5 ${seconds}.25
waits_bucket{le="+Inf"} ${phase * 3} # {trace_id="cc",more="yes"} 5 ${seconds}.125
waits_sum ${phase * 3.5}
waits_count ${phase * 3}
waits_created ${seconds}.5
`}# TYPE stays gauge
stays 1
# EOF
`;

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, object];
  readonly histograms?: readonly (readonly [number, { readonly count: string }])[];
}

describe('integration: classic histograms made native ones, beside Prometheus itself', function scrapedHistograms() {
  this.timeout(240_000);
  const seconds = Math.floor(Date.now() / 1000) - 20;
  let phase: number | null = 1;
  let exposing: Server;
  let server: RunningServer | undefined;
  let appliance: RunningAppliance | undefined;
  let sides: readonly Side[] = [];
  before(async function () {
    requireOwnServer(this, 'prometheus');
    exposing = createServer((request, response) => {
      if (request.url === '/changing') response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8').end(changing(phase, seconds));
      else response.setHeader('content-type', 'text/plain; version=0.0.4').end(TEXT);
    });
    await new Promise<void>((resolve) => exposing.listen(0, '127.0.0.1', resolve));
    const targets = `scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{ targets: ["127.0.0.1:${(exposing.address() as AddressInfo).port}"], labels: { dc: east } }]`;
    const scraping = `global: { convert_classic_histograms_to_nhcb: true }
scrape_configs:
- { job_name: converted, ${targets} }
- { job_name: kept, always_scrape_classic_histograms: true, ${targets} }
- { job_name: classic, convert_classic_histograms_to_nhcb: false, always_scrape_classic_histograms: true, ${targets} }
- { job_name: honored, honor_labels: true, ${targets} }
- job_name: relabelled
  metric_relabel_configs:
  - { source_labels: [__name__], regex: '.*_bucket|zero|waits', action: drop }
  - { source_labels: [route], regex: /b, action: drop }
  - { source_labels: [__name__], regex: (floats|only_count), target_label: __name__, replacement: 'renamed_$1' }
  - { source_labels: [le], regex: '.+', target_label: has_bound, replacement: 'yes' }
  ${targets.replaceAll(', static', '\n  static').replaceAll(', scrape', '\n  scrape')}
- { job_name: limited, sample_limit: 60, ${targets} }
- { job_name: refused, sample_limit: 20, ${targets} }
- { job_name: changing, metrics_path: /changing, ${targets} }
`;
    server = await startWholePrometheus({ config: `${scraping}storage: { exemplars: { max_exemplars: 1000 } }\n` });
    appliance = await startAppliance({
      receivers: `prometheus: { config: ${JSON.stringify(parse(scraping))} }`,
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheus], exporters: [store] } } }\n',
    });
    sides = [new Side('prometheus', server.url), new Side('signalbox', `${appliance.url}/prometheus`)];
  });
  after(async () => {
    await appliance?.stop();
    await server?.stop();
    exposing?.closeAllConnections();
    exposing?.close();
  });

  const ask = async (side: Side, query: string): Promise<readonly Vector[]> => {
    const { data, error } = JSON.parse((await side.ask('api/v1/query', { query })).text) as { data?: { result: Vector[] }; error?: string };
    assert.equal(error, undefined, query);
    return data?.result ?? [];
  };
  /** Samples without their times, in the order of their labels. */
  const shown = (vector: readonly Vector[]): string[] => vector
    .filter(({ metric }) => !VARYING.test(metric['__name__'] ?? ''))
    .map(({ metric, value, histogram }) => JSON.stringify([Object.entries(metric).sort(), value?.[1] ?? histogram?.[1]])).sort();

  it('makes the same of them, odd ones too', async () => {
    for (const side of sides) await eventually(async () => { assert.equal((await ask(side, 'up{job!="changing"}')).length, 7, side.name); });
    const labelled = 'label_replace({job=~"converted|relabelled|honored|mine",__name__!~".*_bucket"}, "metric", "$1", "__name__", "(.*)")';
    for (const query of ['{job=~".+",job!~"changing|refused"}', 'up', ...['histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_stddev', 'histogram_quantile(0.5,', 'histogram_quantile(0.99,', 'histogram_fraction(0, 1,'].map((call) => `${call}${call.endsWith(',') ? '' : '('} ${labelled})`)]) {
      await eventually(async () => {
        const [theirs, ours] = await Promise.all(sides.map((side) => ask(side, query)));
        assert.deepEqual(shown(ours!), shown(theirs!), query);
        assert.ok(ours!.length > (query === 'up' ? 7 : 20), query);
      });
    }
  });

  it('follows them, with exemplars, until they go', async () => {
    const counts = async (side: Side): Promise<string[]> => (await ask(side, 'waits{job="changing"}[10m]')).flatMap(({ histograms = [] }) => histograms.map(([, { count }]) => count)).filter((count, i, all) => count !== all[i - 1]);
    for (phase = 1; phase <= 3; phase++) {
      const expected = [3, 6, 9].slice(0, phase).map(String);
      for (const side of sides) await eventually(async () => { assert.deepEqual(await counts(side), expected, side.name); });
    }
    phase = 3;
    for (const query of ['waits', 'waits_created', 'histogram_quantile(0.9, waits)']) {
      await eventually(async () => {
        const [theirs, ours] = await Promise.all(sides.map((side) => ask(side, query)));
        assert.deepEqual(shown(ours!), shown(theirs!), query);
        assert.equal(ours!.length, 1, query);
      });
    }
    const exemplars = (): Promise<{ exemplars: string[] }[][]> => Promise.all(sides.map(async (side) => {
      const { data } = JSON.parse((await side.ask('api/v1/query_exemplars', { query: '{job="changing"}', start: String(seconds - 60), end: String(seconds + 60) })).text) as { data: { seriesLabels: object; exemplars: object[] }[] };
      return data.map((one) => ({ ...one, exemplars: [...new Set(one.exemplars.map((exemplar) => JSON.stringify(exemplar)))].sort() }));
    }));
    await eventually(async () => {
      const [theirs, ours] = await exemplars();
      assert.deepEqual(ours, theirs);
      assert.equal(ours?.[0]?.exemplars.length, 2);
    });
    phase = null;
    // What is not scraped any more would be found for five minutes without a stale marker.
    for (const side of sides) {
      await eventually(async () => { assert.deepEqual([await ask(side, 'waits'), (await ask(side, 'stays')).length], [[], 1], side.name); });
      assert.deepEqual(await counts(side), ['3', '6', '9'], side.name);
    }
  });
});
