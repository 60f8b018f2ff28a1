import type { Labels, PrometheusSample } from '@signalbox/signals/prometheus/types';
import { Random } from './random.js';
import { FAILED_TRACE } from './shop.js';

const STEP_MS = 15_000;
const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Something that is done again and again, and how long it takes. */
interface Activity {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly perSecond: number;
  readonly middleS: number;
}

const server = (job: string, method: string, route: string, status: string, perSecond: number, middleS: number): Activity => ({
  metric: 'http_server_request_duration_seconds', perSecond, middleS, labels: { job, http_request_method: method, http_route: route, http_response_status_code: status, url_scheme: 'http', network_protocol_version: '1.1' },
});

const activities: readonly Activity[] = [
  server('storefront', 'GET', '/products/:sku', '200', 14, 0.014), server('storefront', 'POST', '/checkout', '201', 3.2, 0.17), server('storefront', 'POST', '/checkout', '502', 0.11, 0.23), server('storefront', 'GET', '/', '200', 6, 0.006),
  server('inventory', 'GET', '/stock/:sku', '200', 13.5, 0.01), server('inventory', 'POST', '/reserve', '200', 3.3, 0.031), server('inventory', 'POST', '/reserve', '500', 0.02, 0.2),
  server('payments', 'POST', '/charge', '200', 3.1, 0.11), server('payments', 'POST', '/charge', '402', 0.11, 0.14),
  { metric: 'http_client_request_duration_seconds', perSecond: 14, middleS: 0.012, labels: { job: 'storefront', http_request_method: 'GET', server_address: '127.0.0.1', server_port: '8082', http_response_status_code: '200' } },
  { metric: 'http_client_request_duration_seconds', perSecond: 3.2, middleS: 0.12, labels: { job: 'orders', http_request_method: 'POST', server_address: '127.0.0.1', server_port: '8083', http_response_status_code: '200' } },
  { metric: 'db_client_operation_duration_seconds', perSecond: 17, middleS: 0.004, labels: { job: 'inventory', db_operation_name: 'SELECT', db_system_name: 'postgresql' } },
  { metric: 'db_client_operation_duration_seconds', perSecond: 3.3, middleS: 0.006, labels: { job: 'inventory', db_operation_name: 'UPDATE', db_system_name: 'postgresql' } },
];

/** The shop's histograms every 15 seconds, as they stand in Prometheus. */
export function shopMetrics(fromMs: number, toMs: number): readonly PrometheusSample[] {
  const random = new Random(7);
  const samples: PrometheusSample[] = [];
  for (const activity of activities) {
    const counts = new Array<number>(bounds.length + 1).fill(0);
    let sum = 0;
    for (let timeMs = fromMs; timeMs <= toMs; timeMs += STEP_MS) {
      const wave = 1 + 0.35 * Math.sin(timeMs / 420_000) + random.between(-0.12, 0.12);
      const surge = Math.sin(timeMs / 260_000 + 1) > 0.93 ? 3 : 1;
      const requests = Math.max(0, Math.round(activity.perSecond * wave * 15 + random.between(-0.5, 0.5)));
      for (let i = 0; i < requests; i++) {
        const seconds = random.duration(activity.middleS) * surge;
        sum += seconds;
        const bucket = bounds.findIndex((bound) => seconds <= bound);
        counts[bucket < 0 ? bounds.length : bucket] = (counts[bucket < 0 ? bounds.length : bucket] ?? 0) + 1;
      }
      samples.push(...histogram(activity, counts, sum, timeMs, fromMs));
    }
  }
  return samples;
}

function histogram({ metric, labels }: Activity, counts: readonly number[], sum: number, timeMs: number, startMs: number): PrometheusSample[] {
  let total = 0;
  const sample = (name: string, value: number, more: Readonly<Record<string, string>> = {}): PrometheusSample => {
    const slow = more['le'] === '0.5' && labels['http_response_status_code'] === '502' && Math.floor(timeMs / STEP_MS) % 12 === 0;
    return { labels: sortedLabels({ ...labels, ...more, __name__: name, instance: `${labels['job'] ?? ''}-7c9f` }), timeMs, value, stale: false, histogram: null, startMs, exemplars: slow ? [{ labels: [['span_id', 'f4a11ed000000001'], ['trace_id', FAILED_TRACE]], value: 0.42, timeMs }] : [], item: 0 };
  };
  return [
    ...counts.map((count, index) => {
      total += count;
      return sample(`${metric}_bucket`, total, { le: index === bounds.length ? '+Inf' : String(bounds[index]) });
    }),
    sample(`${metric}_count`, total), sample(`${metric}_sum`, sum),
  ];
}

function sortedLabels(labels: Readonly<Record<string, string>>): Labels {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
