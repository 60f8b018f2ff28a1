import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { compressSync } from 'snappy';
import { startReceiver, type Setup, type Started } from '../push/fixture.test.js';
import { prometheusremotewrite } from './index.js';

const V1 = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
const V2 = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy' };
const PATH = '/prometheus/api/v1/write';

function series(labels: WriteSeries['labels'], values: readonly number[] = [1]): WriteSeries {
  return { labels, timesMs: Float64Array.from(values, (_, i) => i * 1000), values: Float64Array.from(values), startsMs: null, histograms: [], exemplars: [], metadata: null };
}

const v2 = (...list: WriteSeries[]): Buffer => compressSync(Buffer.from(encodeWriteV2({ series: list })));

function v1(labels: readonly (readonly [string, string])[]): Buffer {
  const writer = new Writer();
  const end = writer.mark();
  const sampleEnd = writer.mark();
  writer.setInt64(0x10, 5n);
  writer.setDouble(0x09, 2);
  writer.message(0x12, sampleEnd);
  for (const [name, value] of labels.toReversed()) {
    const labelEnd = writer.mark();
    writer.string(0x12, value);
    writer.string(0x0a, name);
    writer.message(0x0a, labelEnd);
  }
  writer.message(0x0a, end);
  return compressSync(Buffer.from(writer.finish()));
}

describe('receivers/prometheusremotewrite', () => {
  let started: Started | undefined;
  afterEach(async () => {
    await started?.close();
    started = undefined;
  });

  async function begin(setup: Setup = {}): Promise<{ post(body: Uint8Array, headers?: Record<string, string>): Promise<Response>; started: Started }> {
    const receiver = (started = await startReceiver(prometheusremotewrite, setup));
    return { post: (body, headers = V2) => fetch(`${receiver.mountedUrl}${PATH}`, { method: 'POST', body, headers }), started: receiver };
  }

  it('takes version 2 and tells what it wrote', async () => {
    const { post, started: receiver } = await begin();
    const one = { ...series([['__name__', 'up'], ['job', 'a']], [1, 0]), exemplars: [{ labels: [['trace_id', 'x']], value: 1, timeMs: 1 }] } as const;
    const response = await post(v2(one), { ...V2, 'x-scope-orgid': 'team' });
    assert.equal(response.status, 204);
    assert.deepEqual(['samples', 'histograms', 'exemplars'].map((what) => response.headers.get(`x-prometheus-remote-write-${what}-written`)), ['2', '0', '1']);
    const [frame] = await receiver.frames();
    assert.deepEqual([frame?.encoding, frame?.signal, frame?.tenant, frame?.items], ['prometheus', 'metrics', 'team', 2]);
    const [part] = await receiver.parts();
    assert.deepStrictEqual(part?.data.signal === 'metrics' ? part.data.prometheus?.series : null, [one]);
  });

  it('takes version 1, with and without headers', async () => {
    const { post, started: receiver } = await begin();
    const body = v1([['z', '1'], ['__name__', 'up']]);
    assert.equal((await post(body, V1)).status, 204);
    assert.equal((await post(body, { 'content-type': '' })).status, 204);
    const parts = await receiver.parts();
    assert.deepEqual(parts.map((part) => (part.data.signal === 'metrics' ? part.data.prometheus?.series[0]?.labels : null)), Array.from({ length: 2 }, () => [['__name__', 'up'], ['z', '1']]));
  });

  it('writes the good series of a version 2 request and names the others', async () => {
    const { post, started: receiver } = await begin();
    const response = await post(v2(series([['a', 'b']]), series([['__name__', 'good']]), series([['__name__', 'empty']], [])));
    assert.equal(response.status, 400);
    assert.equal(await response.text(), 'invalid metric name or labels, got {a="b"}\nTimeSeries must contain at least one sample or histogram for series {__name__="empty"}\n');
    assert.equal(response.headers.get('x-prometheus-remote-write-samples-written'), '1');
    assert.deepEqual((await receiver.frames()).map(({ items }) => items), [1]);
  });

  it('leaves out series of a version 1 request as Prometheus does, with a word in the log', async () => {
    const { post, started: receiver } = await begin();
    assert.equal((await post(v1([['__name__', 'a'], ['x', '1'], ['x', '2']]), V1)).status, 204);
    assert.deepEqual(await receiver.frames(), []);
    assert.match(receiver.lines.join(''), /duplicated label x/);
  });

  it('keeps metadata that comes without series', async () => {
    const { post, started: receiver } = await begin();
    const writer = new Writer();
    const end = writer.mark();
    writer.string(0x12, 'requests');
    writer.uint32(0x08, 1);
    writer.message(0x1a, end);
    assert.equal((await post(compressSync(Buffer.from(writer.finish())), V1)).status, 204);
    const [part] = await receiver.parts();
    assert.deepEqual(part?.data.signal === 'metrics' ? part.data.prometheus?.series.map(({ metadata }) => metadata?.type) : null, ['counter']);
  });

  for (const { what, body, headers = V2, status, text } of [
    { what: 'broken snappy', body: Buffer.from('hello, this is no snappy'), status: 400, text: /^s2: corrupt input\n$/ },
    { what: 'no body', body: Buffer.alloc(0), status: 400, text: /corrupt input/ },
    { what: 'a block that says it is larger than it can be', body: Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]), status: 400, text: /corrupt input/ },
    { what: 'a block cut in the middle', body: v2(series([['__name__', 'x'.repeat(500)]])).subarray(0, 20), status: 400, text: /corrupt input/ },
    { what: 'no protobuf', body: compressSync(Buffer.from('garbage')), status: 400, text: /at byte \d+ \[SBX_OTLP_MALFORMED\]/ },
    { what: 'a bomb', body: compressSync(Buffer.alloc(40 * 2 ** 20)), status: 413, text: /41943040 bytes when decompressed/ },
    { what: 'JSON', body: v2(), headers: { 'content-type': 'application/json' }, status: 415, text: /^expected application\/x-protobuf as the first \(media\) part, got application\/json content-type\n$/ },
    { what: 'an unknown message', body: v2(), headers: { 'content-type': 'application/x-protobuf;proto=foo.Bar' }, status: 415, text: /unknown type for remote write protobuf message foo\.Bar, supported: prometheus\.WriteRequest, io\.prometheus\.write\.v2\.Request/ },
    { what: 'gzip', body: v2(), headers: { ...V2, 'content-encoding': 'gzip' }, status: 415, text: /^gzip encoding \(compression\) is not accepted by this server; only snappy is acceptable\n$/ },
    { what: 'times before 1970', body: v2({ ...series([['__name__', 'old']]), timesMs: Float64Array.of(-1) }), status: 400, text: /^out of bounds for series \{__name__="old"\}\n$/ },
  ]) {
    it(`answers ${what} with ${status} and appends nothing`, async () => {
      const { post, started: receiver } = await begin();
      const response = await post(body, headers);
      assert.match(await response.text(), text);
      assert.equal(response.status, status);
      assert.equal((await receiver.frames()).reduce((sum, { items }) => sum + items, 0), 0);
      assert.equal((await post(v2(series([['__name__', 'next']])))).status, 204);
    });
  }

  it('asks for a token where one is demanded, before it reads the body', async () => {
    const { post } = await begin({ auth: { write: (authorization) => (authorization === 'Bearer good' ? { tenant: 't' } : { refused: 'unauthenticated', reason: 'no token' }) } });
    const refused = await post(v2(series([['__name__', 'a']])));
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer realm="signalbox"']);
    assert.equal((await post(v2(series([['__name__', 'a']])), { ...V2, authorization: 'Bearer good' })).status, 204);
  });

  it('refuses what does not fit the budget with 429, and takes it once there is room', async () => {
    const { post } = await begin({ maxInFlightBytes: 2000 });
    const random = Array.from({ length: 400 }, (_, i) => Math.sin(i));
    const response = await post(v2(series([['__name__', 'a']], random)));
    assert.equal(response.status, 429);
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal((await post(v2(series([['__name__', 'a']])))).status, 204);
  });

  it('survives requests that are cut in the middle', async () => {
    const { post, started: receiver } = await begin();
    await new Promise<void>((resolve) => {
      const cut = request(`${receiver.mountedUrl}${PATH}`, { method: 'POST', headers: { ...V2, 'content-length': '1000' } });
      cut.on('error', () => resolve());
      cut.on('close', () => resolve());
      cut.write(Buffer.alloc(100), () => cut.destroy());
    });
    assert.equal((await post(v2(series([['__name__', 'a']])))).status, 204);
  });

  it('listens on an endpoint of its own, at the paths of Prometheus', async () => {
    const { started: receiver } = await begin({ config: { endpoint: '127.0.0.1:0' } });
    const [endpoint] = receiver.receiver.endpoints();
    for (const path of [PATH, '/api/v1/write']) {
      assert.equal((await fetch(`http://${endpoint?.address}${path}`, { method: 'POST', headers: V2, body: v2(series([['__name__', 'a']])) })).status, 204);
    }
    assert.equal((await fetch(`http://${endpoint?.address}/api/v1/write`)).status, 405);
    assert.equal((await fetch(`http://${endpoint?.address}/other`, { method: 'POST' })).status, 404);
  });
});
