import { strict as assert } from 'node:assert';
import { gunzipSync } from 'node:zlib';
import { uncompress, uncompressSync } from 'snappy';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination, type HttpDestination, type Reply, type SeenRequest } from '../testing/http-destination.js';
import { loki } from './index.js';
import { rowsOf } from './exporter.js';
import { LineContexts } from './line-contexts.js';
import { PushEncoder } from './push-encoder.js';
import { PushEntries } from './push-entries.js';
import { namedByRefusal } from './refusal.js';

const START_NS = 1_700_000_000_000_000_000n;
const place = detachedPlace('test', ['exporters', 'loki']);

function logs(lines: readonly string[], service = 'shop', stepNs = 1n): LogsData {
  return {
    resourceLogs: [{
      resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeLogs: [{
        scope: null, schemaUrl: '',
        logRecords: lines.map((body, i) => ({
          timeNs: START_NS + BigInt(i) * stepNs, observedTimeNs: 0n, severityNumber: 9, severityText: '', body, attributes: [{ key: 'n', value: BigInt(i) }],
          droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
        })),
      }],
    }],
  };
}

describe('exporters/loki', () => {
  let destination: HttpDestination;
  afterEach(() => destination?.close());

  async function run(reply: (request: SeenRequest, number: number) => Reply | 'cut' | 'silence', batch = batchOf('default', logs(['a', 'b', 'c', 'd'])), settings = {}, signal = AbortSignal.timeout(60_000)) {
    destination = await httpDestination(reply);
    const exporter = loki.create(loki.parseConfig({ endpoint: destination.url, ...settings }, place), testContext());
    try {
      return await exporter.export(batch, signal);
    } finally {
      await exporter.shutdown();
    }
  }

  it('pushes snappy-compressed protobuf, with the tenant in a header', async () => {
    const outcome = await run(() => ({ status: 204 }), batchOf('team-a', logs(['hello'])));
    assert.deepEqual(outcome, { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [] }, rejected: [] });
    const [request] = destination.seen;
    assert.equal(request?.path, '/loki/api/v1/push');
    assert.equal(request.headers['content-type'], 'application/x-protobuf');
    assert.equal(request.headers['x-scope-orgid'], 'team-a');
    const body = (await uncompress(request.body)).toString('latin1');
    assert.match(body, /\{service_name="shop", severity="info"\}/);
    assert.match(body, /hello/);
  });

  it('tells no tenant for the default one but what the headers say', async () => {
    await run(() => ({ status: 204 }), batchOf('default', logs(['x'])));
    assert.equal(destination.seen[0]?.headers['x-scope-orgid'], undefined);
    await destination.close();
    await run(() => ({ status: 204 }), batchOf('default', logs(['x'])), { headers: { 'X-Scope-OrgID': 'all', Authorization: 'Bearer t' } });
    assert.equal(destination.seen[0]?.headers['x-scope-orgid'], 'all');
    assert.equal(destination.seen[0].headers.authorization, 'Bearer t');
  });

  it('tries again what an overloaded or failing Loki did not take', async () => {
    for (const [reply, reason, afterMs] of [
      [{ status: 429, headers: { 'retry-after': '3' }, body: 'slow\ndown' }, /HTTP 429: slow down/, 3000],
      [{ status: 500 }, /HTTP 500/, undefined],
      [{ status: 503, headers: { 'retry-after': 'nonsense' } }, /HTTP 503/, undefined],
      [{ status: 401, body: 'no org id' }, /HTTP 401: no org id \(give credentials/, undefined],
      [{ status: 404 }, /check the path/, undefined],
    ] as const) {
      const outcome = await run(() => reply);
      assert.equal(outcome.kind, 'retryable');
      assert.match(outcome.reason, reason);
      assert.equal(outcome.afterMs, afterMs);
      assert.equal(outcome.unknown, undefined);
      await destination.close();
    }
  });

  it('knows whether a request without an answer may have arrived', async () => {
    const cut = await run(() => 'cut');
    assert.equal(cut.kind === 'retryable' && cut.unknown, true);
    await destination.close();
    const given = new AbortController();
    const silent = await run(() => {
      given.abort(new Error('no answer in time'));
      return 'silence';
    }, undefined, {}, given.signal);
    assert.equal(silent.kind === 'retryable' && silent.unknown, true);
    const { url } = destination;
    await destination.close();
    const exporter = loki.create(loki.parseConfig({ endpoint: url }, place), testContext());
    const refused = await exporter.export(batchOf('default', logs(['x'])), AbortSignal.timeout(60_000));
    assert.equal(refused.kind, 'retryable');
    assert.match(refused.reason, /ECONNREFUSED/);
    assert.equal(refused.unknown, undefined);
    await exporter.shutdown();
  });

  it('cuts a batch into requests, and keeps for later what comes behind a failure', async () => {
    const outcome = await run((_, number) => ({ status: number === 2 ? 503 : 204 }), batchOf('default', logs(['a'.repeat(900), 'b'.repeat(900), 'c'.repeat(900)])), { max_request_bytes: 1024 });
    assert.equal(destination.seen.length, 2);
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 1);
    assert.deepEqual(outcome.retry.items, [1, 2]);
    assert.match(outcome.retry.reason ?? '', /HTTP 503/);
  });

  it('finds the entries that make Loki refuse a request, and rejects nothing else', async () => {
    const outcome = await run(({ body }) => (unsnapped(body).includes('bad') ? { status: 400, body: 'max entry size \'10\' bytes exceeded' } : { status: 204 }),
      batchOf('default', logs(['good', 'bad one', 'good', 'good', 'good', 'bad two', 'good'])));
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 5);
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [1, 5]);
    assert.match(outcome.rejected[0]?.reason ?? '', /^line_too_long: /);
  });

  it('takes a time limit at its word and does not divide all that is too old', async () => {
    const cutoff = new Date(Number(START_NS / 1_000_000n) + 100_000).toISOString().replace('.000', '');
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i}`);
    const text = `entry for stream '{service_name="shop", severity="info"}' has timestamp too old: x, oldest acceptable timestamp is: ${cutoff}`;
    const outcome = await run((_, number) => (number === 1 ? { status: 400, body: text } : { status: 204 }), batchOf('default', logs(lines, 'shop', 1_000_000_000n)));
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 200);
    assert.equal(outcome.rejected.length, 100);
    assert.match(outcome.rejected[0]?.reason ?? '', /^timestamp_too_old/);
    assert.equal(destination.seen.length, 2);
  });

  const STREAM = '{service_name="shop", severity="info"}';

  it('sends again in pieces what is too much at once for a stream or a tenant', async () => {
    for (const text of [`entry with timestamp x ignored, reason: 'Per stream rate limit exceeded (limit: 1KB/sec) while attempting to ingest for stream '${STREAM}' totaling 400B, consider'`, 'ingestion rate limit exceeded for user fake (limit: 1024 bytes/sec) while attempting to ingest \'8\' lines totaling \'3200\' bytes, reduce log volume']) {
      const lines = Array.from({ length: 8 }, (_, i) => `${i} ${Buffer.alloc(300, `${i}`).toString()}`);
      const outcome = await run(({ body }) => (body.readUInt8(0) + (body.readUInt8(1) << 7) > 1024 ? { status: 429, body: text } : { status: 204 }), batchOf('default', logs(lines)));
      assert.ok(outcome.kind === 'settled', text);
      assert.ok(outcome.delivered >= 1, text);
      assert.equal(outcome.delivered + outcome.retry.items.length, 8, text);
      assert.match(outcome.retry.reason ?? '', /^HTTP 429: .*rate limit exceeded/);
      assert.ok(destination.seen.length < 8, `${destination.seen.length} requests`);
      await destination.close();
    }
  });

  it('leaves what is merely too fast for later, as a whole', async () => {
    const outcome = await run(() => ({ status: 429, headers: { 'retry-after': '2' }, body: 'ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest \'4\' lines totaling \'400\' bytes, reduce' }));
    assert.ok(outcome.kind === 'retryable');
    assert.deepEqual([outcome.afterMs, destination.seen.length], [2000, 1]);
  });

  it('rejects streams that are too many, and tries the others', async () => {
    const text = `maximum active stream limit exceeded when trying to create stream ${STREAM}, reduce the number of active streams (reduce labels or reduce label values), or contact`;
    for (const settings of [{}, { max_streams_per_request: 9 }, { encoding: 'otlp' }]) {
      const outcome = await run(({ body, headers }) => ((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).includes('no room') ? { status: 429, body: text } : { status: 204 }), batchOf('default', logs(['yes'], 'a'), logs(['no room', 'no room either'])), settings);
      assert.ok(outcome.kind === 'settled', JSON.stringify(outcome));
      assert.deepEqual(outcome.rejected.map(({ item, reason }) => [item, reason.split(':')[0]]), [[1, 'stream_limit'], [2, 'stream_limit']]);
      assert.equal(outcome.delivered, 1);
      await destination.close();
    }
  });

  it('ends with a refusal of everything, after a bounded number of requests', async () => {
    const outcome = await run(() => ({ status: 400, body: 'never' }), batchOf('default', logs(Array.from({ length: 2000 }, () => 'x'))));
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.rejected.length, 2000);
    assert.ok(destination.seen.length < 250, String(destination.seen.length));
  });

  it('sorts by stream and time, and splits at the size', () => {
    const batch = batchOf('default', logs(['1', '2'], 'z'), logs(['4', '3'], 'a', -1n));
    const contexts = new LineContexts({});
    const entries = new PushEntries(batch, contexts);
    const streams = entries.byStream();
    assert.deepEqual(streams.map((items) => [...items]), [[3, 2], [0, 1]]);
    const encoder = new PushEncoder(contexts);
    for (const row of [streams[0]!, rowsOf(streams, 2)[0]!]) {
      const taken = (maxBytes: number): number => encoder.encode(entries, row, maxBytes).taken;
      const { length } = uncompressSync(encoder.encode(entries, row, 1e6).body);
      assert.deepEqual([1, length - 1, length, 1e6].map(taken), [1, row.length - 1, row.length, row.length]);
    }
    assert.deepEqual([1, 2, 3].map((maxStreams) => rowsOf(streams, maxStreams).map((row) => [...row])), [[[3, 2], [0, 1]], [[3, 2, 0, 1]], [[3, 2, 0, 1]]]);
    assert.deepEqual(new PushEntries({ ...batch, parts: [], items: 0 }, contexts).byStream(), []);
  });

  it('takes from a refusal only what it says for certain', () => {
    const entries = new PushEntries(batchOf('default', logs(['a', 'b'], 'shop', 1_000_000_000n)), new LineContexts({}));
    const [items] = entries.byStream();
    assert.ok(items);
    assert.deepEqual([...namedByRefusal('something else', items, entries)], []);
    assert.deepEqual([...namedByRefusal('for stream \'{other="x"}\' oldest acceptable timestamp is: 2999-01-01T00:00:00Z', items, entries)], []);
    assert.deepEqual([...namedByRefusal(`for stream '${STREAM}' oldest acceptable timestamp is: 2023-11-14T22:13:21Z`, items, entries)], [0]);
  });

  it('reports every mistake of its section', () => {
    assert.throws(() => loki.parseConfig({ endpoint: 'nowhere', header: {}, labels: { '1x': ['a'] }, tls: { cert_file: 'a' } }, place), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.mistakes.length, 4);
      return true;
    });
  });

  it('speaks OTLP to Loki\'s endpoint for it where that is set, with the same words for refusals', async () => {
    const outcome = await run(({ body }) => (gunzipSync(body).includes('bad') ? { status: 400, body: 'max entry size \'10\' bytes exceeded' } : { status: 204 }), batchOf('team', logs(['good', 'bad one', 'good'])), { encoding: 'otlp' });
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 2);
    assert.match(outcome.rejected[0]?.reason ?? '', /^line_too_long: /);
    assert.deepEqual([destination.seen[0]?.path, destination.seen[0]?.headers['x-scope-orgid']], ['/otlp/v1/logs', 'team']);
  });

  it('sends again in pieces what is larger than the parts of Loki may tell each other', async () => {
    const text = 'grpc error: code = ResourceExhausted desc = grpc: received message larger than max (5530389 vs. 4194304)';
    for (const [encoding, plain] of [['otlp', gunzipSync], ['protobuf', unsnapped]] as const) {
      const outcome = await run(({ body }) => (String(plain(body)).split('large').length > 3 ? { status: 503, body: text } : { status: 204 }), batchOf('default', logs(Array.from({ length: 7 }, () => 'large'))), { encoding });
      assert.deepEqual(outcome, { kind: 'settled', delivered: 7, duplicate: 0, retry: { items: [] }, rejected: [] }, encoding);
      await destination.close();
    }
  });

  it('sends what was too large once in pieces at once, and one line alone whatever its size', async () => {
    const [large, one] = [batchOf('default', logs(Array.from({ length: 8 }, (_, i) => `${i} ${'x'.repeat(2000)}`))), batchOf('default', logs(['y'.repeat(20_000)]))];
    destination = await httpDestination(({ body }) => {
      const { length } = gunzipSync(body);
      return length > 10_000 && length < 20_000 ? { status: 503, body: `grpc: received message larger than max (${length} vs. 10000)` } : { status: 204 };
    });
    const exporter = loki.create(loki.parseConfig({ endpoint: destination.url, encoding: 'otlp' }, place), testContext());
    const requests: number[] = [];
    for (const batch of [large, large, one, large]) {
      const before = destination.seen.length;
      assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(60_000)), { kind: 'settled', delivered: batch.items, duplicate: 0, retry: { items: [] }, rejected: [] });
      requests.push(destination.seen.length - before);
    }
    await exporter.shutdown();
    assert.deepEqual(requests, [3, 2, 1, 2]);
  });

  it('lets no trace id be a label', () => {
    for (const labels of [{ trace_id: ['a'] }, { t: ['trace.id'] }, { SpanId: ['x'] }]) assert.throws(() => loki.parseConfig({ endpoint: 'http://a', labels }, place), /must not be a label/);
    assert.doesNotThrow(() => loki.parseConfig({ endpoint: 'http://a', labels: { team: ['team'] } }, place));
  });

  function unsnapped(body: Buffer): string {
    // Short bodies are stored by snappy as they are.
    return body.toString('latin1');
  }
});
