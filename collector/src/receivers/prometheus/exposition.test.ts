import assert from 'node:assert/strict';
import { ExpositionError } from './exposition-error.js';
import { ExpositionParser, type ExpositionFormat } from './exposition.js';
import { canonicalFloat } from './go-float.js';
import { canonicalLabels, parseSeriesText } from './series-text.js';

function read(text: string, format: ExpositionFormat = 'text') {
  const parser = new ExpositionParser(text, format);
  const samples = [];
  for (let sample = parser.next(); sample !== null; sample = parser.next()) samples.push({ ...parseSeriesText(sample.series), value: sample.value, timeMs: sample.timeMs, exemplar: sample.exemplar });
  return { samples, families: [...parser.families.values()] };
}
const sample = (name: string, labels: [string, string][], value: number, timeMs = NaN, exemplar: unknown = null) => ({ name, labels, value, timeMs, exemplar });

describe('receivers/prometheus/exposition', () => {
  it('reads the text format', () => {
    const { samples, families } = read('# HELP http_requests_total All\\nof \\\\them.\n# TYPE http_requests_total counter\nhttp_requests_total{method="post",code="200"} 1027 1395066363000\r\nhttp_requests_total {code="4\\"0}0", x = "a,b" ,} 3\n\n# just a comment\nup 1e3\n  nan NaN\ninf{} +Inf\nminus -Inf 5');
    assert.deepStrictEqual(samples, [
      sample('http_requests_total', [['method', 'post'], ['code', '200']], 1027, 1395066363000),
      sample('http_requests_total', [['code', '4"0}0'], ['x', 'a,b']], 3),
      sample('up', [], 1000),
      sample('nan', [], NaN),
      sample('inf', [], Infinity),
      sample('minus', [], -Infinity, 5),
    ]);
    assert.deepStrictEqual(families, [{ name: 'http_requests_total', type: 'counter', help: 'All\nof \\them.', unit: '' }]);
  });

  it('reads OpenMetrics with exemplars, units and seconds', () => {
    const { samples, families } = read('# TYPE foo_seconds counter\n# UNIT foo_seconds seconds\nfoo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.5\nfoo_seconds_created{a="b"} 1520430000.123\n# EOF\n', 'openmetrics');
    assert.deepStrictEqual(samples, [
      sample('foo_seconds_total', [['a', 'b']], 17, 1520879607789, { labels: [['trace_id', 'KOO5S4vxi0o']], value: 0.67, timeMs: 1520879607500 }),
      sample('foo_seconds_created', [['a', 'b']], 1520430000.123),
    ]);
    assert.deepStrictEqual(families, [{ name: 'foo_seconds', type: 'counter', help: '', unit: 'seconds' }]);
  });

  it('reads names of any alphabet in quotes', () => {
    const { samples, families } = read('# TYPE "my.metric" gauge\n{"my.metric","label.with.dots"="v", l="x"} 2\n{"имя"} 3\n');
    assert.deepStrictEqual(samples, [sample('my.metric', [['label.with.dots', 'v'], ['l', 'x']], 2), sample('имя', [], 3)]);
    assert.equal(families[0]?.name, 'my.metric');
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
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => read(text, format), (error) => (error instanceof ExpositionError && /in line \d+: "/.test(error.message)) || (error instanceof Error && error.constructor.name === 'SeriesTextError'));
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
        assert.ok(error instanceof ExpositionError || (error instanceof Error && error.constructor.name === 'SeriesTextError'), String(error));
      }
    }
  });

  it('writes bounds and quantiles as Prometheus keeps them', () => {
    for (const [text, expected] of [['1', '1.0'], ['0.50', '0.5'], ['1e6', '1e+06'], ['+Inf', '+Inf'], ['0.00001', '1e-05'], ['1048576', '1.048576e+06'], ['100000', '100000.0'], ['0', '0.0'], ['-2', '-2.0'], ['text', 'text']] as const) assert.equal(canonicalFloat(text), expected);
    assert.deepStrictEqual(canonicalLabels(parseSeriesText('a_bucket{le="1"}'), 'histogram').labels, [['le', '1.0']]);
    assert.deepStrictEqual(canonicalLabels(parseSeriesText('a{le="1"}'), 'gauge').labels, [['le', '1']]);
  });
});
