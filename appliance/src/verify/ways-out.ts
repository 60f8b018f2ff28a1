import type { Signal } from '@signalbox/signals/model/signal';
import { PLAIN_CALLER, type Caller } from '../probe/caller.js';
import { authorization } from '../probe/endpoints.js';
import { VERIFY_METRIC, VERIFY_SERVICE } from './marked.js';
import type { Marked } from './marked.js';
import type { WayIn } from './ways-in.js';

/** A way for data to be found again. `find` answers whether it was there; it throws when the API answers with an error. */
export interface WayOut {
  readonly name: string;
  readonly signal: Signal;
  /** Id of the exporter that brings it there; without one: the embedded store, which the appliance's own APIs read. */
  readonly exporter?: string;
  /** It finds nothing but by trace id. */
  readonly byTraceId?: boolean;
  find(marked: Marked, way: WayIn): Promise<boolean>;
}

/** Every query API of the appliance at `base`. */
export function waysOut(base: string, token: string | null, timeoutMs: number, caller: Caller = PLAIN_CALLER): WayOut[] {
  const get = async (path: string, missing: readonly number[] = []): Promise<unknown> => {
    const response = await caller.fetch(new URL(path, base), { headers: { accept: 'application/json', ...authorization(token) }, signal: AbortSignal.timeout(timeoutMs) });
    if (missing.includes(response.status)) return null;
    if (!response.ok) throw new Error(`${path.split('?')[0]} answered HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response.json();
  };
  const has = (answer: unknown, text: string): boolean => answer !== null && JSON.stringify(answer).includes(text);
  const around = () => ({ startS: Math.floor(Date.now() / 1000) - 600, endS: Math.floor(Date.now() / 1000) + 60 });
  const q = encodeURIComponent;
  return [
    { name: 'Jaeger trace by id', signal: 'traces', find: async (m) => has(await get(`/jaeger/api/traces/${m.traceId}`, [404]), m.marker) },
    {
      name: 'Jaeger search', signal: 'traces',
      find: async (m) => has(await get(`/jaeger/api/traces?service=${VERIFY_SERVICE}&tags=${q(JSON.stringify({ 'verify.marker': m.marker }))}&limit=1`), m.traceId),
    },
    { name: 'Tempo trace by id', signal: 'traces', find: async (m) => has(await get(`/tempo/api/traces/${m.traceId}`, [404]), m.marker) },
    {
      name: 'Tempo search', signal: 'traces',
      find: async (m) => has(await get(`/tempo/api/search?start=${around().startS}&end=${around().endS}&q=${q(`{ span.verify.marker = "${m.marker}" }`)}`), m.traceId.replace(/^0+/, '')),
    },
    {
      name: 'Loki query_range', signal: 'logs',
      // What is read from a file has no service of its own.
      find: async (m, { receiver, untraced }) => has(await get(`/loki/api/v1/query_range?query=${q(`{service_name${receiver === undefined ? `="${VERIFY_SERVICE}"` : '=~".+"'}} |= "${m.marker}"`)}&start=${around().startS}&end=${around().endS}&limit=5`), untraced ? m.marker : m.traceId),
    },
    { name: 'logs of the trace', signal: 'logs', byTraceId: true, find: async (m) => has(await get(`/api/v1/traces/${m.traceId}/logs`, [404]), m.marker) },
    { name: 'Prometheus query', signal: 'metrics', find: async (m) => has(await get(`/prometheus/api/v1/query?query=${q(`${VERIFY_METRIC}{marker="${m.marker}"}`)}`), `"${m.value}"`) },
    {
      name: 'Prometheus query_range', signal: 'metrics',
      find: async (m) => has(await get(`/prometheus/api/v1/query_range?query=${q(`${VERIFY_METRIC}{marker="${m.marker}"}`)}&start=${around().startS}&end=${around().endS}&step=15`), `"${m.value}"`),
    },
  ];
}
