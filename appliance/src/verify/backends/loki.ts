import type { Clock } from '@signalbox/collector/component';
import { pushUrl, type LokiConfig } from '@signalbox/collector/exporters/loki/config';
import type { Backend } from './backend.js';
import { besides, FormSearch } from './form-search.js';

const QUERY_RANGE = '/loki/api/v1/query_range';
const AROUND_S = 600n;

/** The marked line of any stream that has a service, which Loki sees to by itself. */
export function lokiSearch(config: LokiConfig, clock: Clock): Backend | string {
  const url = besides(pushUrl(config), { '/loki/api/v1/push': QUERY_RANGE, '/otlp/v1/logs': QUERY_RANGE });
  if (url === null) return `its path ${pushUrl(config).pathname} does not tell where Loki is asked`;
  const search = new FormSearch(config, clock, url);
  return {
    signals: ['logs'],
    searches: { logs: 'query_range' },
    async find({ marker, traceId, nowNs }, _signal, abort, untraced) {
      const nowS = nowNs / 1_000_000_000n;
      return (await search.ask({ query: `{service_name=~".+"} |= "${marker}"`, start: String(nowS - AROUND_S), end: String(nowS + AROUND_S), limit: '5' }, abort)).includes(untraced ? marker : traceId);
    },
    close: () => search.close(),
  };
}
