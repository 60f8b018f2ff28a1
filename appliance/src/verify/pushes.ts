import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { snappyBlock } from '@signalbox/collector/exporters/snappy';
import { authorization } from '../probe/endpoints.js';
import { VERIFY_METRIC, VERIFY_SERVICE, type Marked } from './marked.js';
import type { SendOptions, WayIn } from './ways-in.js';

const WRITE = '/prometheus/api/v1/write';
const PUSH = '/loki/api/v1/push';

/** The ways in on the query port, as far as the configuration has receivers for them. */
export async function pushesOf(base: string, options: SendOptions): Promise<WayIn[]> {
  const ways: readonly (readonly [path: string, way: WayIn])[] = [
    [WRITE, { name: 'Prometheus remote write', kind: 'prometheusremotewrite', signals: ['metrics'], send: (marked, _signal, to) => post(base, WRITE, marked, to) }],
    [PUSH, { name: 'Loki push', kind: 'loki', signals: ['logs'], send: (marked, _signal, to) => post(base, PUSH, marked, to) }],
  ];
  const mounted = await Promise.all(ways.map(([path]) => isMounted(base, path, options)));
  return ways.flatMap(([, way], i) => (mounted[i] ? [way] : []));
}

/** A path that no receiver has is not found; any other answer to nothing is one of a receiver. */
async function isMounted(base: string, path: string, { token, timeoutMs, caller }: SendOptions): Promise<boolean> {
  const response = await caller.fetch(new URL(path, base), { method: 'POST', headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) });
  await response.arrayBuffer();
  return response.status !== 404;
}

async function post(base: string, path: string, marked: Marked, { token, timeoutMs, caller }: SendOptions): Promise<void> {
  const [headers, body] = path === WRITE
    ? [{ 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' }, await snappyBlock(encodeWriteV2({ series: [seriesOf(marked)] }))] as const
    : [{ 'content-type': 'application/json' }, Buffer.from(JSON.stringify(streamsOf(marked)))] as const;
  const response = await caller.fetch(new URL(path, base), { method: 'POST', headers: { ...headers, ...authorization(token) }, body: new Uint8Array(body), signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${path} answered HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
}

function seriesOf({ marker, value, nowNs }: Marked): WriteSeries {
  return {
    labels: [['__name__', VERIFY_METRIC], ['job', VERIFY_SERVICE], ['marker', marker]],
    timesMs: Float64Array.of(Number(nowNs / 1_000_000n)), values: Float64Array.of(value), startsMs: null, histograms: [], exemplars: [],
    metadata: { type: 'gauge', help: 'Sent by signalbox verify.', unit: '' },
  };
}

function streamsOf({ marker, traceId, nowNs }: Marked): unknown {
  return { streams: [{ stream: { service_name: VERIFY_SERVICE }, values: [[String(nowNs), `signalbox verify ${marker}`, { trace_id: traceId, 'verify_marker': marker }]] }] };
}
