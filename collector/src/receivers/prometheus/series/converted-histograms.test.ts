import assert from 'node:assert/strict';
import { decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { isStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { detachedPlace } from '../../../config/place.js';
import { BufferPool } from '../fetching/buffer-pool.js';
import { parseConfig } from '../config.js';
import { BodyReader } from '../reading/body-reader.js';
import type { ExpositionFormat } from '../reading/exposition.js';
import { Relabeling } from '../targets/relabel.js';
import { ScrapeSeries, type ScrapeResult } from './scrape-series.js';
import { ScrapeRefused } from './series-labels.js';

const SCRAPE_MS = 1_800_000_000_000;

/** The series of a target whose classic histograms become native ones. */
function target(config: Record<string, unknown> = {}, global: Record<string, unknown> = { convert_classic_histograms_to_nhcb: true }): ScrapeSeries {
  const [scrape] = parseConfig({ config: { global, scrape_configs: [{ job_name: 'test', ...config }] } }, detachedPlace('(test)')).scrapeConfigs;
  return new ScrapeSeries(scrape!, [], new Relabeling(scrape!.metric_relabel_configs), []);
}

function written(series: ScrapeSeries): WriteSeries[] {
  return [...series.frames(new BufferPool())].flatMap(({ payload, items }) => {
    const { series: all, problems } = decodeWriteV2(payload);
    assert.deepEqual(problems, []);
    assert.equal(all.reduce((sum, { timesMs, histograms }) => sum + timesMs.length + histograms.length, 0), items);
    return [...all];
  });
}

function scrape(series: ScrapeSeries, text: string, format: ExpositionFormat = 'text', atMs = SCRAPE_MS): { written: WriteSeries[]; result: ScrapeResult } {
  series.begin();
  const reader = new BodyReader(Buffer.from(text), format, series, atMs);
  while (reader.read(3));
  const result = series.finish(atMs);
  return { result, written: written(series) };
}

/** A line a sample: `name{label=value} number`, of histograms the count with the buckets. */
function shown(all: readonly WriteSeries[]): string[] {
  return all.flatMap(({ labels, values, timesMs, histograms }) => {
    const [name] = labels.filter(([label]) => label === '__name__').map(([, value]) => value);
    const rest = labels.filter(([label]) => label !== '__name__').map(([label, value]) => `${label}=${value}`).join();
    const at = (timeMs: number): string => (timeMs === SCRAPE_MS ? '' : ` @${timeMs}`);
    return [
      ...[...timesMs].map((timeMs, i) => `${name}{${rest}} ${isStale(values, i) ? 'stale' : values[i]}${at(timeMs)}`),
      ...histograms.map(({ timeMs, histogram }) => `${name}{${rest}} ${histogram === null ? 'stale histogram' : `${histogram.count}: ${[...histogram.positive.offsets].map((offset, i) => `${histogram.positive.counts[i]} to ${histogram.customBounds?.[offset] ?? '+Inf'}`).join(', ')}`}${at(timeMs)}`),
    ];
  });
}

const classic = (labels: string, a: number, b: number): string => `h_bucket{${labels}le="1"} ${a}\nh_bucket{${labels}le="+Inf"} ${b}\nh_sum{${labels}} 1\nh_count{${labels}} ${b}\n`;
const TYPE = '# HELP h Help.\n# TYPE h histogram\n';

describe('receivers/prometheus: convert_classic_histograms_to_nhcb', () => {
  it('makes one sample of the series of a histogram, and leaves the others', () => {
    const series = target();
    for (const round of [1, 2, 3]) {
      const { written: all, result } = scrape(series, `${TYPE}${classic('r="a",', round, 5)}${classic('r="b",', 0, round)}h_bucket{le="x"} 1\nh_other 2\n# TYPE u untyped\nu_bucket{le="1"} 1\n`);
      assert.deepEqual(shown(all).sort(), [`h_bucket{le=x} 1`, 'h_other{} 2', `h{r=a} 5: ${round} to 1, ${5 - round} to +Inf`, `h{r=b} ${round}: ${round} to +Inf`, 'u_bucket{le=1} 1']);
      assert.deepEqual(all.find(({ histograms }) => histograms.length > 0)?.metadata, { type: 'histogram', help: 'Help.', unit: '' });
      assert.deepEqual(result, { scraped: 5, kept: 5, added: round === 1 ? 5 : 0, duplicates: 0, unconverted: 0, conversionProblem: '' });
    }
  });

  it('gathers them wherever they stand', () => {
    const lines = `${classic('r="a",', 1, 2)}${classic('r="b",', 3, 4)}`.trim().split('\n');
    const expected = ['h{r=a} 2: 1 to 1, 1 to +Inf', 'h{r=b} 4: 3 to 1, 1 to +Inf'];
    const mixed = [0, 4, 1, 5, 2, 6, 3, 7].map((i) => lines[i]);
    const series = target();
    for (const order of [lines, mixed, [...lines].reverse(), mixed]) assert.deepEqual(shown(scrape(series, `${TYPE}${order.join('\n# a comment\n')}\n`).written).sort(), expected);
  });

  it('takes what global says unless the job says otherwise, and leaves all where nobody says it', () => {
    const body = `${TYPE}${classic('', 1, 2)}`;
    const floats = ['h_bucket{le=1.0} 1', 'h_bucket{le=+Inf} 2', 'h_sum{} 1', 'h_count{} 2'];
    assert.deepEqual(shown(scrape(target({}, {}), body).written), floats);
    assert.deepEqual(shown(scrape(target({ convert_classic_histograms_to_nhcb: false }), body).written), floats);
    assert.deepEqual(shown(scrape(target({ always_scrape_classic_histograms: true }, {}), body).written), floats);
    assert.deepEqual(shown(scrape(target({ convert_classic_histograms_to_nhcb: true }, {}), body).written), ['h{} 2: 1 to 1, 1 to +Inf']);
    const { written: both, result } = scrape(target({}, { convert_classic_histograms_to_nhcb: true, always_scrape_classic_histograms: true }), body);
    assert.deepEqual(shown(both).sort(), [...floats, 'h{} 2: 1 to 1, 1 to +Inf'].sort());
    assert.equal(result.scraped, 5);
  });

  it('ends those that go by a stale histogram, also with the target, and begins them anew', () => {
    const series = target();
    scrape(series, `${TYPE}${classic('', 1, 2)}a 1\n`);
    assert.deepEqual(shown(scrape(series, `${TYPE}a 1\n`).written), ['a{} 1', 'h{} stale histogram']);
    assert.deepEqual(shown(scrape(series, `${TYPE}a 1\n`).written), ['a{} 1']);
    assert.equal(scrape(series, `${TYPE}${classic('', 1, 2)}a 1\n`).result.added, 1);
    series.begin();
    const half = new BodyReader(Buffer.from(`${TYPE}${classic('', 8, 9)}`), 'text', series, SCRAPE_MS);
    while (half.read(3));
    series.fail(SCRAPE_MS);
    assert.deepEqual(shown(written(series)).sort(), ['a{} stale', 'h{} stale histogram']);
    assert.deepEqual(shown(scrape(series, `${TYPE}h_count 3\n`).written), ['h{} 3: 3 to +Inf'], 'nothing is left of the scrape that failed');
    assert.deepEqual(shown(scrape(series, `${TYPE}# TYPE h gauge\nh 3\n`).written), ['h{} 3']);
    assert.deepEqual(shown(scrape(series, '# TYPE h gauge\n').written), ['h{} stale']);
  });

  it('takes times and exemplars with times of their own', () => {
    const timed = `${TYPE}${classic('', 1, 2).replaceAll('\n', ' 1000\n')}${classic('', 3, 4).replaceAll('\n', ' 2000\n')}`;
    assert.deepEqual(shown(scrape(target(), timed).written), ['h{} 2: 1 to 1, 1 to +Inf @1000', 'h{} 4: 3 to 1, 1 to +Inf @2000']);
    assert.deepEqual(shown(scrape(target({ honor_timestamps: false }), `${TYPE}${classic('', 1, 2).replaceAll('\n', ' 1000\n')}`).written), ['h{} 2: 1 to 1, 1 to +Inf']);
    const tracked = target({ track_timestamps_staleness: true });
    scrape(tracked, timed);
    assert.deepEqual(shown(scrape(tracked, TYPE).written), ['h{} stale histogram']);
    const untracked = target();
    scrape(untracked, timed);
    assert.deepEqual(scrape(untracked, TYPE).written, []);
    const exemplars = ' # {t="late",kind="new"} 0.5 3.5\nh_bucket{le="2"} 2 # {t="none"} 1.5\nh_bucket{le="+Inf"} 2 # {t="early"} 4 2.25\n# EOF\n';
    const [whole] = scrape(target(), `# TYPE h histogram\nh_bucket{le="1"} 1${exemplars}`, 'openmetrics').written;
    assert.deepEqual(whole?.exemplars, [{ labels: [['t', 'early']], value: 4, timeMs: 2250 }, { labels: [['kind', 'new'], ['t', 'late']], value: 0.5, timeMs: 3500 }]);
    assert.equal(whole.histograms.length, 1);
  });

  it('relabels the histogram, not its classic series, and counts it as one sample', () => {
    const rules = [{ source_labels: ['__name__'], regex: 'h_bucket', action: 'drop' }, { source_labels: ['r'], regex: 'b', action: 'drop' }, { source_labels: ['__name__'], regex: 'h', target_label: '__name__', replacement: 'renamed' }];
    const body = `${TYPE}${classic('r="a",', 1, 2)}${classic('r="b",', 3, 4)}`;
    const { written: all, result } = scrape(target({ metric_relabel_configs: rules, sample_limit: 1 }), body);
    assert.deepEqual(shown(all), ['renamed{r=a} 2: 1 to 1, 1 to +Inf']);
    assert.deepEqual([result.scraped, result.kept], [2, 1]);
    assert.throws(() => scrape(target({ sample_limit: 1 }), body), ScrapeRefused);
    const same = scrape(target({ metric_relabel_configs: [{ regex: 'r', action: 'labeldrop' }] }), body);
    assert.deepEqual(shown(same.written), ['h{} 2: 1 to 1, 1 to +Inf'], 'of several that become one, the first stands');
    assert.equal(same.result.duplicates, 1);
    const kept = scrape(target({ always_scrape_classic_histograms: true, metric_relabel_configs: rules.slice(0, 2) }), body);
    assert.deepEqual(shown(kept.written).sort(), ['h_count{r=a} 2', 'h_sum{r=a} 1', 'h{r=a} 2: 1 to 1, 1 to +Inf']);
  });

  it('says of which nothing can be made', () => {
    const { written: all, result } = scrape(target(), `${TYPE}${classic('r="a",', 5, 2)}${classic('r="b",', 1, 2)}${classic('r="c",', 5, 2)}`);
    assert.deepEqual(shown(all), ['h{r=b} 2: 1 to 1, 1 to +Inf']);
    assert.deepEqual([result.unconverted, result.conversionProblem], [2, 'h: its bucket +Inf counts 2, the one before it 5']);
  });

  it('goes on when texts are let go, and when a target says something new', () => {
    const series = target({ always_scrape_classic_histograms: true });
    const stays = classic('r="stays",', 1, 2);
    const others = (round: number): string => Array.from({ length: 300 }, (_, i) => classic(`round="${round}",i="${i}",`, 1, 3)).join('');
    for (let round = 0; round < 6; round++) {
      const help = round === 4 ? TYPE.replace('Help', 'Other help') : TYPE;
      const { written: all } = scrape(series, `${help}${stays}${others(round)}`);
      const histograms = shown(all).filter((line) => line.startsWith('h{'));
      assert.ok(histograms.includes('h{r=stays} 2: 1 to 1, 1 to +Inf'));
      assert.deepEqual([histograms.filter((line) => line.endsWith(' 3: 1 to 1, 2 to +Inf')).length, histograms.filter((line) => line.endsWith('stale histogram')).length], [300, round === 0 ? 0 : 300], `round ${round}`);
      assert.equal(all.length, (round === 0 ? 1 : 2) * 301 * 5 - (round === 0 ? 0 : 5));
      assert.ok(series.texts.size <= 2500, `${series.texts.size} texts`);
    }
  });
});
