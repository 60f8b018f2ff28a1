import { readRefresh } from '../time/refresh.js';
import { readRange } from '../time/range.js';
import type { TimeRange } from '../time/range.js';

export type ExploreShape = 'graph' | 'table';

/** What the metrics page asks, as it stands in its address. */
export interface ExploreQuery {
  /** PromQL, with `$__rate_interval` and the like as in dashboards; empty while nothing is asked. */
  readonly expr: string;
  readonly range: TimeRange;
  readonly shape: ExploreShape;
  /** How often to ask anew, such as `10s`; empty for never. */
  readonly refresh: string;
}

const usual: TimeRange = { from: 'now-1h', to: 'now' };

export function readExplore(params: URLSearchParams): ExploreQuery {
  return { expr: params.get('expr') ?? '', range: readRange(params, usual), shape: params.get('shape') === 'table' ? 'table' : 'graph', refresh: readRefresh(params.get('refresh')) };
}

export function exploreHref({ expr, range, shape, refresh }: Partial<ExploreQuery>): string {
  const params = new URLSearchParams();
  if (expr !== undefined && expr !== '') params.set('expr', expr);
  if (range !== undefined && (range.from !== usual.from || range.to !== usual.to)) {
    params.set('from', range.from);
    params.set('to', range.to);
  }
  if (shape === 'table') params.set('shape', shape);
  if (refresh !== undefined && refresh !== '') params.set('refresh', refresh);
  const text = params.toString();
  return text === '' ? '/explore' : `/explore?${text}`;
}

/** What is usually asked of a metric first: of a histogram how long 95 of 100 took, of a counter its rate, else its value. */
export function firstQuery(metric: string, type: string): string {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric) ? metric : `{${JSON.stringify(metric)}}`;
  const selector = (more: string): string => (name.startsWith('{') ? `{${JSON.stringify(metric)}}${more}` : `${name}${more}`);
  if (metric.endsWith('_bucket')) return `histogram_quantile(0.95, sum by (le, job) (rate(${selector('[$__rate_interval]')})))`;
  if (type === 'counter' || /_(?:total|count|sum)$/.test(metric)) return `sum by (job) (rate(${selector('[$__rate_interval]')}))`;
  return name;
}

/** Grafana's id of the unit that the values have, as far as names tell; empty where they do not. */
export function unitOf(expr: string): string {
  const quantile = /\bhistogram_quantile\s*\(/.test(expr);
  if (!quantile && /\b(?:rate|irate|increase|count|changes|resets|deriv)\s*(?:by|without|\()|[/*^]/.test(expr)) return '';
  const units = new Set([...expr.matchAll(/_(seconds|milliseconds|bytes|ratio)(?:_bucket)?\b/g)].map(([, unit]) => unit));
  const [unit] = units;
  if (units.size !== 1 || unit === undefined) return '';
  return { seconds: 's', milliseconds: 'ms', bytes: 'bytes', ratio: 'percentunit' }[unit] ?? '';
}
