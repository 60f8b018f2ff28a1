import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { compressSync } from 'snappy';
import { bothSides } from '../../sidebyside/both-sides.js';
import { startMemoryAppliance } from '../../sidebyside/memory-appliance.js';
import type { ApiAnswer } from '../../sidebyside/sides.js';
import type { PointSeries } from '../../sidebyside/write-request.js';

/** Three thousand series of two hundred samples: what matches everything reads more than the limits below allow. */
function data(): PointSeries[] {
  return Array.from({ length: 3000 }, (_, i): PointSeries => ({
    labels: [['__name__', 'many'], ['instance', `h${i}`]], points: Array.from({ length: 200 }, (_, at) => ({ timeMs: at * 15_000, value: at })),
  }));
}

describe('integration: bad input for the Prometheus API', function badInput() {
  this.timeout(240_000);
  const sides = bothSides({ limits: { maxSeries: 5000, maxSamples: 500_000 } });
  before(() => sides.ours.load(data()));

  const alive = async (): Promise<void> => assert.equal((await sides.ours.side.query('query', { query: '1' })).status, 'success');
  const failed = ({ status, errorType, error = '' }: ApiAnswer, type: string, text: RegExp): void => {
    assert.deepEqual([status, errorType], ['error', type], error);
    assert.match(error, text);
  };

  it('ends what reads too much in Prometheus\' words and names the setting', async () => {
    const range = { start: '0', end: '3000', step: '15' };
    failed(await sides.ours.side.query('query_range', { query: '{__name__=~".+"}', ...range }), 'execution', /too many samples into memory.*query\.max_samples|query would read more than.*query\.max_samples/);
    failed(await sides.ours.side.query('query', { query: '{__name__=~".+"}[50m]', time: '3000' }), 'execution', /query\.max_samples/);
    const small = await startMemoryAppliance({ maxSeries: 100, timeoutMs: 60_000 });
    small.load(data().slice(0, 200));
    failed(await small.side.query('query', { query: 'many * on () group_left () many', time: '100' }), 'execution', /query\.max_series/);
    await small.close();
    failed(await sides.ours.side.query('query_range', { query: 'sum(rate(many[5m]))', ...range, timeout: '1ms' }), 'timeout', /^query timed out in expression evaluation/);
    await alive();
  });

  it('answers catastrophic expressions in linear time, or refuses them', async () => {
    const answer = await sides.ours.side.query('query', { query: `many{instance=~"(h+)+(h*)*${'(a|aa)+'.repeat(20)}$"}`, time: '100' });
    assert.equal(answer.status, 'success');
    const params = { query: 'x{a=~"((x{100}){100}){100}"}' };
    const [expected, actual] = await Promise.all([sides.theirs.query('query', params), sides.ours.side.query('query', params)]);
    assert.deepEqual([actual.status, actual.errorType], [expected.status, expected.errorType]);
  });

  it('answers remote reads that are broken as Prometheus does', async () => {
    const bodies: readonly [string, Buffer][] = [
      ['nothing', Buffer.alloc(0)], ['no snappy', Buffer.from('not snappy at all, only text')], ['a length that lies', Buffer.from([0xff, 0xff, 0xff, 0x7f, 1, 2])], ['no protobuf', compressSync(Buffer.from([0x0a, 0xff, 0x01]))],
      ['an unknown response type', compressSync(Buffer.from([0x10, 0x63]))], ['half of a request', compressSync(Buffer.from('{"queries": []}'.repeat(50))).subarray(0, 9)],
    ];
    for (const [what, body] of bodies) {
      const [expected, actual] = await Promise.all([sides.theirs, sides.ours.side].map(async ({ url }) => {
        const response = await fetch(`${url}/api/v1/read`, { method: 'POST', body: new Uint8Array(body), headers: { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' } });
        return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
      }));
      assert.deepEqual([actual?.status, actual?.type], [expected?.status, expected?.type], `${what}: ${expected?.text} / ${actual?.text}`);
      if (what !== 'no protobuf') assert.equal(actual?.text, expected?.text, what);
    }
    const empty = await fetch(`${sides.ours.side.url}/api/v1/read`, { method: 'POST', body: new Uint8Array(compressSync(Buffer.from([0x0a, 0x00]))) });
    assert.equal(empty.status, 200);
    await alive();
  });

  it('is not harmed by requests that are cut in the middle, or by clients that go', async () => {
    const { hostname, port } = new URL(sides.ours.side.url);
    const cut = [
      'POST /prometheus/api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nquery=up%7',
      'POST /prometheus/api/v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n\x05abc', 'GET /prometheus/api/v1/query?query=su',
      'GET /prometheus/api/v1/query_range?query=sum(many)&start=0&end=3000&step=15 HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /prometheus/api/v1/query?query=%zz HTTP/1.1\r\nHost: x\r\n\r\n',
    ];
    for (const text of cut) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => { socket.write(text, () => { resolve(); }); });
      socket.destroy();
      await alive();
    }
  });

  it('answers every prefix and mutation of a query with an answer or an error, as Prometheus classes it', async () => {
    const query = 'sum by (job, "ż") (rate(many{instance=~"h.*", a!="\\u00e9"}[5m:30s] offset -1m @ end())) > bool on (job) group_left ("x") 0x1F';
    for (let i = 0; i <= query.length; i += 3) {
      for (const text of [query.slice(0, i), `${query.slice(0, i)}}${query.slice(i)}`, query.slice(i)]) {
        const params = { query: text, time: '100' };
        const [expected, actual] = await Promise.all([sides.theirs.query('query', params), sides.ours.side.query('query', params)]);
        assert.deepEqual([actual.status, actual.errorType], [expected.status, expected.errorType], `${text}: ${expected.error} / ${actual.error}`);
      }
    }
  });

  const many = (text: string, count: number): string => text.repeat(count);
  const list = (count: number, item: (i: number) => string, separator: string): string => Array.from({ length: count }, (_, i) => item(i)).join(separator);
  const extreme: readonly [what: string, query: string][] = [
    ['two thousand additions', `many${many(' + many', 2000)}`], ['a thousand alternatives in a sum', `sum(many${many(' or many', 1000)})`], ['chained comparisons', `1${many(' == bool 1', 2000)}`], ['three hundred powers', `${many('1 ^ ', 300)}1`],
    ['sums in sums', `${many('sum(', 300)}many${many(')', 300)}`], ['subqueries in subqueries', `${many('max_over_time(', 50)}many${many('[5m:1m])', 50)}`], ['subqueries of subqueries', `many${many('[5m:1m]', 100)}`],
    ['three thousand matchers', `many{${list(3000, (i) => `a${i}!="b"`, ',')}}`], ['five thousand alternatives', `many{instance=~"${list(5000, (i) => `h${i}`, '|')}"}`], ['three thousand labels', `sum by (${list(3000, (i) => `l${i}`, ', ')}) (many)`],
    ['a long value', `many{instance="${many('v', 200_000)}"}`], ['a long regular expression', `many{instance=~"${many('v.', 8000)}"}`], ['a long name', many('n', 200_000)], ['a long number', many('9', 5000)], ['a long string', `"${many('s', 200_000)}"`],
    ['a thousand braces', many('{', 1000)], ['a thousand brackets', `many${many('[', 1000)}`], ['a thousand open parentheses', many('(', 1000)], ['a thousand commas', `sum(${many(',', 1000)})`], ['a thousand quotes', many('"', 1001)], ['a thousand backslashes', `"${many('\\', 1001)}"`],
    ['a thousand arguments', `label_join(many, "a", "b"${many(', "c"', 1000)})`], ['arguments that are too many', `topk(${many('1, ', 500)}many)`], ['comments', `${many('# c\n', 3000)}count(many)`],
    ['pictures', many('💥', 100)], ['a zero byte', '\u0000many'], ['a byte order mark', '\ufeffmany'], ['a mark of direction', 'many\u202e'], ['a space that does not break', 'many\u00a0+ many'], ['a form feed', 'many\f+ many'], ['a vertical tab', 'many\v+ many'], ['line ends', 'many\r\n+\r\n\tmany'],
  ];
  for (const [what, query] of extreme) {
    it(`answers ${what} as Prometheus does`, async () => {
      const params = { query, time: '-86400' };
      const [expected, actual] = await Promise.all([sides.theirs.query('query', params), sides.ours.side.query('query', params)]);
      assert.deepEqual(actual, expected);
      await alive();
    });
  }

  it('ends subqueries of a century, which are too much for Prometheus itself', async () => {
    for (const query of ['sum_over_time(many[100y:1ms])', 'sum_over_time(vector(1)[100y:1s])', 'max_over_time(max_over_time(many[20y:1m])[20y:1m])']) {
      failed(await sides.ours.side.query('query', { query, time: '0' }), 'execution', /query\.max_samples$/);
    }
    await alive();
  });
});
