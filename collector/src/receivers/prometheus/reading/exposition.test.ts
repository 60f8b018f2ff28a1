import assert from 'node:assert/strict';
import { decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { isStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { detachedPlace } from '../../../config/place.js';
import { BodyReader } from './body-reader.js';
import { BufferPool } from '../fetching/buffer-pool.js';
import { parseConfig } from '../config.js';
import { DecimalReader } from './decimal-reader.js';
import { ExpositionError } from './exposition-error.js';
import type { ExpositionFormat } from './exposition.js';
import { canonicalFloat } from './go-float.js';
import { Relabeling } from '../targets/relabel.js';
import { ScrapeSeries, type ScrapeResult } from '../series/scrape-series.js';
import { ScrapeRefused } from '../series/series-labels.js';
import { canonicalLabels, parseSeriesText } from './series-text.js';

const SCRAPE_MS = 1_800_000_000_000;

/** The series of a target without labels of its own. */
function target(config: Record<string, unknown> = {}): ScrapeSeries {
  const [scrape] = parseConfig({ config: { scrape_configs: [{ job_name: 'test', ...config }] } }, detachedPlace('(test)')).scrapeConfigs;
  return new ScrapeSeries(scrape!, [], new Relabeling(scrape!.metric_relabel_configs), []);
}

/** One scrape: what of it stands in the frames. */
function scrape(series: ScrapeSeries, text: string | Buffer, format: ExpositionFormat = 'text', atMs = SCRAPE_MS): { written: WriteSeries[]; result: ScrapeResult } {
  series.begin();
  const reader = new BodyReader(Buffer.from(text), format, series, atMs);
  while (reader.read(3));
  const result = series.finish(atMs);
  return { result, written: [...series.frames(new BufferPool())].flatMap(({ payload, items }) => {
    const { series: written, problems } = decodeWriteV2(payload);
    assert.deepEqual(problems, []);
    assert.equal(written.length, items);
    return [...written];
  }) };
}

function read(text: string, format: ExpositionFormat = 'text') {
  const { written } = scrape(target(), text, format);
  const samples = written.map(({ labels, values, timesMs, exemplars }) => ({ labels: Object.fromEntries(labels), value: values[0], timeMs: timesMs[0], exemplar: exemplars[0] ?? null }));
  return { samples, metadata: written.map(({ metadata }) => metadata) };
}
const sample = (name: string, labels: Record<string, string>, value: number, timeMs = SCRAPE_MS, exemplar: unknown = null) => ({ labels: { __name__: name, ...labels }, value, timeMs, exemplar });
const shown = (written: readonly WriteSeries[]): string[] => written.map(({ labels, values }) => `${labels.map(([, value]) => value).join(' ')} ${isStale(values, 0) ? 'stale' : values[0]}`);

describe('receivers/prometheus/exposition', () => {
  it('reads the text format', () => {
    const { samples, metadata } = read('# HELP http_requests_total All\\nof \\\\them.\n# TYPE http_requests_total counter\nhttp_requests_total{method="post",code="200"} 1027 1395066363000\r\nhttp_requests_total {code="4\\"0}0", x = "a,b" ,} 3\n\n# just a comment\nup 1e3\n  nan NaN\ninf{} +Inf\nminus -Inf 5');
    assert.deepStrictEqual(samples, [
      sample('http_requests_total', { code: '200', method: 'post' }, 1027, 1395066363000),
      sample('http_requests_total', { code: '4"0}0', x: 'a,b' }, 3),
      sample('up', {}, 1000),
      sample('nan', {}, NaN),
      sample('inf', {}, Infinity),
      sample('minus', {}, -Infinity, 5),
    ]);
    assert.deepStrictEqual(metadata.slice(0, 3), [...Array<unknown>(2).fill({ type: 'counter', help: 'All\nof \\them.', unit: '' }), null]);
  });

  it('reads OpenMetrics with exemplars, units and seconds', () => {
    const { samples, metadata } = read('# TYPE foo_seconds counter\n# UNIT foo_seconds seconds\nfoo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.5\nfoo_seconds_created{a="b"} 1520430000.123\n# EOF\n', 'openmetrics');
    assert.deepStrictEqual(samples, [
      sample('foo_seconds_total', { a: 'b' }, 17, 1520879607789, { labels: [['trace_id', 'KOO5S4vxi0o']], value: 0.67, timeMs: 1520879607500 }),
      sample('foo_seconds_created', { a: 'b' }, 1520430000.123),
    ]);
    assert.deepStrictEqual(metadata[0], { type: 'counter', help: '', unit: 'seconds' });
  });

  it('reads names of any alphabet in quotes', () => {
    const { samples, metadata } = read('# TYPE "my.metric" gauge\n{"my.metric","label.with.dots"="v", l="x"} 2\n{"имя"} 3\n');
    assert.deepStrictEqual(samples, [sample('my.metric', { l: 'x', 'label.with.dots': 'v' }, 2), sample('имя', {}, 3)]);
    assert.equal(metadata[0]?.type, 'gauge');
  });

  it('reads the same of lines that it knows, in the same order, in another, and with others in between', () => {
    const known = target();
    const lines = ['# TYPE a counter', 'a{x="1"} 1', 'a{x="2"} 2', '# HELP b Help.', 'b 3 1000', 'b{q="\\"} "} 4.5', '  c\t5', 'a 6', 'a {y="1"} 7'];
    let state = 1;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    for (let round = 0; round < 200; round++) {
      for (let n = random(3); n > 0; n--) {
        const [line] = lines.splice(random(lines.length), 1);
        lines.splice(random(lines.length + 1), 0, line!);
      }
      const body = lines.map((line) => (line.startsWith('#') ? line : line.replace(/[0-9.]+( 1000)?$/, (_, time: string | undefined) => `${['7', '-0.5', '1e+06', '0.1234567890123456789', '12345678901234567890', '3e-300', 'NaN', '+Inf'][random(8)]!}${time ?? ''}`))).filter(() => random(10) > 0).join('\n');
      const fresh = scrape(target(), body).written;
      const again = scrape(known, body).written;
      const data = (written: readonly WriteSeries[]) => written.filter(({ values }) => !isStale(values, 0)).map(({ labels, values, timesMs }) => [labels, values, timesMs]);
      assert.deepStrictEqual(data(again), data(fresh), body);
    }
  });

  it('ends series that are missed, begins them anew, and lets go texts that come no more', () => {
    const series = target();
    assert.deepEqual(shown(scrape(series, 'a 1\nb 1\n').written), ['a 1', 'b 1']);
    const { written, result } = scrape(series, 'a 2\n');
    assert.deepEqual(shown(written), ['a 2', 'b stale']);
    assert.deepEqual(result, { scraped: 1, kept: 1, added: 0, duplicates: 0, unconverted: 0, conversionProblem: '' });
    assert.equal(scrape(series, 'a 3\nb 3\n').result.added, 1);
    for (let round = 0; round < 20; round++) {
      const text = Array.from({ length: 5000 }, (_, i) => `s{round="${round}",i="${i}"} ${i}\n`).join('');
      const { written: all } = scrape(series, text);
      assert.equal(all.length, round === 0 ? 5002 : 10_000);
      assert.deepEqual(shown(all).filter((line) => line.endsWith('stale')).length, round === 0 ? 2 : 5000);
      assert.ok(series.texts.size <= 10_000, `${series.texts.size} texts`);
    }
    series.fail(SCRAPE_MS);
    assert.equal([...series.frames(new BufferPool())].reduce((sum, { items }) => sum + items, 0), 5000);
    assert.equal(scrape(series, 's{round="19",i="7"} 1\n').result.added, 1);
  });

  it('takes new types and help of series that it knows, and ends those that are missed meanwhile', () => {
    const series = target();
    scrape(series, '# TYPE a gauge\n# HELP a Old.\na 1\ngone 1\nb 1\n');
    const changed = '# TYPE a counter\n# HELP a New.\na 2\nb 2\ngone 2\n';
    scrape(series, changed);
    const { written, result } = scrape(series, changed.replace('gone 2\n', ''));
    assert.deepEqual(shown(written), ['a 2', 'b 2', 'gone stale']);
    assert.deepEqual(written[0]!.metadata, { type: 'counter', help: 'New.', unit: '' });
    assert.equal(result.added, 0);
    assert.equal(scrape(series, changed).result.added, 1);
    scrape(series, `${changed}# HELP b Said at last.\n`);
    series.fail(SCRAPE_MS);
    assert.equal([...series.frames(new BufferPool())].reduce((sum, { items }) => sum + items, 0), 3, 'all are stale, although they are read anew');
    assert.deepEqual(shown(scrape(series, 'c 1\n').written), ['c 1']);
  });

  it('tells samples that come twice, however they are written, and drops what relabelling drops', () => {
    const { written, result } = scrape(target({ metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'drop', action: 'drop' }] }), 'a{x="1",y="2"} 1\ndrop 1\na{y="2",x="1"} 2\na{x="1",y="2"} 3\na{x="1",y="2"} 4 1000\n');
    assert.deepEqual(shown(written), ['a 1 2 1', 'a 1 2 4']);
    assert.deepEqual(result, { scraped: 5, kept: 4, added: 1, duplicates: 2, unconverted: 0, conversionProblem: '' });
  });

  it('reads numbers to the last bit', () => {
    const decimal = new DecimalReader();
    let read = 0;
    for (const text of ['0', '-0', '1', '123456789012345', '1234567890123456', '0.1', '-1.5', '1e22', '1e23', '5e-324', '2.2250738585072014e-308', '1.7976931348623157e+308', '0.30000000000000004', '4.35', '1e-22', '.5', '5.', '1e', '+1', '', 'Inf', ...Array.from({ length: 2000 }, (_, i) => String(Math.sin(i) * 10 ** ((i % 40) - 20))), ...Array.from({ length: 2000 }, (_, i) => (Math.cos(i) * 1000).toFixed(i % 12))]) {
      const end = decimal.read(Buffer.from(`${text} `), 0);
      if (end < 0) continue;
      read++;
      assert.equal(end, text.length, text);
      assert.ok(Object.is(decimal.value, Number(text)), text);
    }
    assert.ok(read > 2000);
  });

  for (const [what, text, format = 'text'] of [
    ['binary', '\u0000\u0001\u0002\uFFFD\uFFFD'],
    ['HTML', '<!doctype html>\n<p>hello</p>\n'],
    ['a value that is none', 'a one\n'],
    ['no value', 'a{b="c"}\n'],
    ['an open brace', 'a{b="c" 1\n'],
    ['an open quote', 'a{b="c} 1\n'],
    ['a label without quotes', 'a{b=c} 1\n'],
    ['a label without a name', 'a{="c"} 1\n'],
    ['two commas', 'a{b="c",,} 1\n'],
    ['a name that begins with a digit', '9a 1\n'],
    ['more behind the time', 'a 1 2 3\n'],
    ['a time that is none', 'a 1 x\n'],
    ['a type that is none', '# TYPE a nonsense\n'],
    ['OpenMetrics without an end', 'a 1\n', 'openmetrics'],
    ['OpenMetrics with more behind the end', 'a 1\n# EOF\nb 1\n', 'openmetrics'],
    ['a hexadecimal value', 'a 0x10\n'],
    ['a value beyond all numbers', 'a 1e999\n'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => read(text, format), (error) => error instanceof ExpositionError && /in line \d+: "/.test(error.message));
    });
  }

  it('never hangs, nor throws anything else, on mutated text', () => {
    const base = '# TYPE a histogram\na_bucket{le="1",x="y\\"z"} 5 # {t="1"} 3 4\na_sum 3 1.5\n# EOF\n';
    let state = 1;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    for (let i = 0; i < 5000; i++) {
      const chars = [...base];
      for (let n = 0; n < 3; n++) chars[random(chars.length)] = '{}"\\ \n=,#1e\u0000é'.charAt(random(14));
      try {
        read(chars.join(''), i % 2 ? 'openmetrics' : 'text');
      } catch (error) {
        assert.ok(error instanceof ExpositionError || error instanceof ScrapeRefused, String(error));
      }
    }
  });

  it('makes the same of damaged bytes whether it knows the target or not', () => {
    const base = Buffer.from('# HELP a Help.\n# TYPE a histogram\na_bucket{le="1",x="y\\"z"} 5\na_bucket{le="+Inf",x="y\\"z"} 7 1000\na_sum 3.25\nb{c="größe"} -1e-3\nb 17\n');
    let state = 7;
    const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    const outcome = (series: ScrapeSeries, body: Buffer): unknown => {
      try {
        return scrape(series, body).written.filter(({ values }) => !isStale(values, 0)).map(({ labels, values, timesMs, metadata }) => [labels, values, timesMs, metadata?.type]);
      } catch (error) {
        series.fail(SCRAPE_MS);
        assert.ok([...series.frames(new BufferPool())].length <= 1);
        assert.ok(error instanceof ExpositionError || error instanceof ScrapeRefused, String(error));
        return error.message;
      }
    };
    for (let i = 0; i < 3000; i++) {
      const known = target();
      outcome(known, base);
      const body = Buffer.from(base);
      for (let n = 1 + random(3); n > 0; n--) {
        // Behind the comments: a family keeps what was said of it when nothing is said any more.
        const at = body.indexOf('a_bucket') + random(body.length - body.indexOf('a_bucket'));
        if (random(3) === 0) body[at] = random(256);
        else body[at] = '{}"\\ \n\r=,#1e.-\u0000'.charCodeAt(random(15));
      }
      const part = random(4) === 0 ? body.subarray(0, random(body.length)) : body;
      // What is new of types and help holds from the next scrape on.
      outcome(known, part);
      assert.deepStrictEqual(outcome(known, part), outcome(target(), part), part.toString('latin1'));
    }
  });

  it('writes bounds and quantiles as Prometheus keeps them', () => {
    for (const [text, expected] of [['1', '1.0'], ['0.50', '0.5'], ['1e6', '1e+06'], ['+Inf', '+Inf'], ['0.00001', '1e-05'], ['1048576', '1.048576e+06'], ['100000', '100000.0'], ['0', '0.0'], ['-2', '-2.0'], ['text', 'text']] as const) assert.equal(canonicalFloat(text), expected);
    assert.deepStrictEqual(canonicalLabels(parseSeriesText('a_bucket{le="1"}'), 'histogram').labels, [['le', '1.0']]);
    assert.deepStrictEqual(canonicalLabels(parseSeriesText('a{le="1"}'), 'gauge').labels, [['le', '1']]);
  });
});
