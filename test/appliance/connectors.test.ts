import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Span } from '@signalbox/signals/model/span';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { rolePid } from '../faults/roles.js';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';

const rest = (): string => `connectors:
  spanmetrics: { metrics_flush_interval: 1s, histogram: { explicit: { buckets: [100ms, 1s] } } }
  spanmetrics/native: { namespace: native, metrics_flush_interval: 1s, histogram: { exponential: { max_size: 160 } } }
  servicegraph: { metrics_flush_interval: 1s, store: { ttl: 2s } }
exporters: { store: {} }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [store, spanmetrics, spanmetrics/native, servicegraph] }
    metrics: { receivers: [otlp, spanmetrics, spanmetrics/native, servicegraph], exporters: [store] }
`;

/** The web asks the shop (the client's span 300 ms, the server's 200 ms and failed); a database is asked by the shop. Answers the trace's id. */
async function send({ http }: RunningAppliance): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const id = (): string => randomBytes(8).toString('hex');
  const [root, client, server, database] = [id(), id(), id(), id()];
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const span = (spanId: string, parentSpanId: string, kind: number, name: string, ms: number, change: Partial<Span> = {}): Span => ({
    traceId, spanId, parentSpanId, kind, name, traceState: '', flags: 0, startNs: endNs - BigInt(ms) * 1_000_000n, endNs, attributes: [], droppedAttributesCount: 0,
    events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, ...change,
  });
  const of = (service: string, spans: readonly Span[]) => ({
    resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }],
  });
  const traces = { resourceSpans: [
    of('web', [span(root, '', 2, 'GET /', 400), span(client, root, 3, 'GET', 300)]),
    of('shop', [span(server, client, 2, 'GET /cart', 200, { status: { code: 2, message: 'boom' } }), span(database, server, 3, 'SELECT', 50, { attributes: [{ key: 'db.namespace', value: 'orders' }] })]),
  ] };
  const response = await fetch(`${http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encodeTraces(traces) as Uint8Array<ArrayBuffer> });
  assert.equal(response.status, 200);
  return traceId;
}

async function ask<T>({ url }: RunningAppliance, path: string, query: Readonly<Record<string, string>>): Promise<T> {
  const response = await fetch(`${url}/prometheus/api/v1/${path}?${new URLSearchParams(query)}`);
  assert.equal(response.status, 200);
  return ((await response.json()) as { data: T }).data;
}

/** Values of an instant query, by the labels that are named. */
async function values(appliance: RunningAppliance, query: string, ...labels: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(appliance, 'query', { query });
  return Object.fromEntries(result.map(({ metric, value }) => [labels.map((label) => metric[label] ?? '').join(' '), Number(value[1])]));
}

/** Asks until the answer is this. */
async function becomes<T>(expected: T, answer: () => Promise<T>): Promise<void> {
  for (let i = 0; i < 1800; i++) {
    try {
      assert.deepEqual(await answer(), expected);
      return;
    } catch {
      await sleep(100);
    }
  }
  assert.deepEqual(await answer(), expected);
}

describe('connectors in the appliance', function () {
  this.timeout(400_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-connectors-'));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  const calls = (appliance: RunningAppliance) => values(appliance, 'traces_span_metrics_calls_total', 'service_name', 'span_name', 'span_kind', 'status_code');
  const callsOf = (n: number): Readonly<Record<string, number>> => ({
    'web GET / SPAN_KIND_SERVER STATUS_CODE_UNSET': n, 'web GET SPAN_KIND_CLIENT STATUS_CODE_UNSET': n,
    'shop GET /cart SPAN_KIND_SERVER STATUS_CODE_ERROR': n, 'shop SELECT SPAN_KIND_CLIENT STATUS_CODE_UNSET': n,
  });
  const edges = (appliance: RunningAppliance) => values(appliance, 'traces_service_graph_request_total', 'client', 'server', 'connection_type', 'failed');
  const edgesOf = (n: number): Readonly<Record<string, number>> => ({ 'user web virtual_node false': n, 'web shop  true': n, 'shop orders database false': n });

  it('make series of traces, which lead back to the traces, each span once over restarts and kills', async () => {
    let appliance = await startAppliance({ dataDir, rest });
    try {
      const startS = Math.floor(Date.now() / 1000) - 60;
      const traceIds = [await send(appliance), await send(appliance)];
      await becomes(callsOf(2), () => calls(appliance));
      await becomes(edgesOf(2), () => edges(appliance));
      assert.deepEqual(await values(appliance, 'traces_service_graph_request_failed_total', 'client', 'server'), { 'web shop': 2 });
      assert.deepEqual(await values(appliance, 'traces_service_graph_request_client_seconds_sum / traces_service_graph_request_client_seconds_count', 'client', 'server'), { 'user web': 0.4, 'web shop': 0.3, 'shop orders': 0.05 });
      assert.deepEqual(await values(appliance, 'traces_service_graph_request_server_seconds_bucket{le="0.2"}', 'client', 'server'), { 'user web': 0, 'web shop': 2, 'shop orders': 2 });
      assert.deepEqual(await values(appliance, 'traces_span_metrics_duration_seconds_bucket{span_name="GET /"}', 'le'), { '0.1': 0, '1': 2, '+Inf': 2 });
      await becomes({ 'GET /': 2 }, () => values(appliance, 'histogram_count(native_duration_seconds{span_name="GET /"})', 'span_name'));
      const [native] = Object.values(await values(appliance, 'histogram_quantile(0.5, native_duration_seconds{span_name="GET /"})'));
      assert.ok(native! > 0.39 && native! < 0.41, String(native));

      const exemplars = await ask<{ exemplars: { labels: Record<string, string>; value: string }[] }[]>(appliance, 'query_exemplars', { query: 'traces_span_metrics_duration_seconds_bucket{span_name="GET /"}', start: String(startS), end: String(startS + 600) });
      const named = exemplars.flatMap((series) => series.exemplars);
      assert.ok(named.length > 0);
      for (const { labels, value } of named) {
        assert.ok(traceIds.includes(labels['trace_id']!), JSON.stringify(labels));
        assert.equal(Number(value), 0.4);
      }
      assert.equal((await fetch(`${appliance.url}/jaeger/api/traces/${named[0]!.labels['trace_id']}`)).status, 200);

      await appliance.stop({ keep: true });
      appliance = await startAppliance({ dataDir, rest });
      await send(appliance);
      await becomes(callsOf(3), () => calls(appliance));
      await becomes(edgesOf(3), () => edges(appliance));

      for (let kill = 0; kill < 3; kill++) {
        await send(appliance);
        const killed = rolePid(appliance.pid, 'deliver')!;
        process.kill(killed, 'SIGKILL');
        await becomes(true, async () => ![null, killed].includes(rolePid(appliance.pid, 'deliver')));
      }
      await becomes(callsOf(6), () => calls(appliance));
      await becomes(edgesOf(6), () => edges(appliance));
      const counter = 'traces_span_metrics_calls_total{span_name="GET /"}';
      assert.deepEqual(await values(appliance, `resets(${counter}[10m])`), { '': 0 });
      const { result } = await ask<{ result: { values: [number, string][] }[] }>(appliance, 'query', { query: `${counter}[10m]` });
      assert.ok(result[0]!.values.every(([, value]) => Number(value) <= 6), JSON.stringify(result));
    } finally {
      await appliance.stop({ keep: true });
    }
  });
});
