import type { Clock } from '@signalbox/collector/component';
import type { PrometheusRemoteWriteConfig } from '@signalbox/collector/exporters/prometheusremotewrite/config';
import { VERIFY_METRIC } from '../marked.js';
import type { Backend } from './backend.js';
import { besides, FormSearch } from './form-search.js';

/** Where what takes remote write is asked: Prometheus and Thanos, and Mimir and Cortex. */
const QUERY_OF = { '/api/v1/write': '/api/v1/query', '/api/v1/receive': '/api/v1/query', '/api/v1/push': '/prometheus/api/v1/query' };

/** The marked metric's value. */
export function prometheusSearch(config: PrometheusRemoteWriteConfig, clock: Clock): Backend | string {
  const endpoint = new URL(config.endpoint);
  const url = besides(endpoint, QUERY_OF);
  if (url === null) return `its path ${endpoint.pathname} does not tell where queries are answered`;
  const search = new FormSearch(config, clock, url);
  return {
    signals: ['metrics'],
    searches: { metrics: 'query' },
    find: async ({ marker, value }, _signal, abort) => (await search.ask({ query: `${VERIFY_METRIC}{marker="${marker}"}` }, abort)).includes(`"${value}"`),
    close: () => search.close(),
  };
}
