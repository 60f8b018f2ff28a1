import { readRange } from '../time/range.js';
import { readRefresh } from '../time/refresh.js';
import type { TimeRange } from '../time/range.js';

export type Order = 'newest' | 'longest';

/** A search as it stands in the form and in the page's address. */
export interface TraceSearch {
  readonly service: string;
  readonly operation: string;
  /** As typed: `key=value key2="v v"`. */
  readonly tags: string;
  /** As typed: `100ms`. */
  readonly min: string;
  readonly max: string;
  readonly errors: boolean;
  readonly limit: number;
  readonly range: TimeRange;
  readonly order: Order;
  /** How often to search anew, such as `10s`; empty for never. */
  readonly refresh: string;
}

export const limits = [20, 50, 100, 200, 500] as const;

export const emptySearch: TraceSearch = {
  service: '', operation: '', tags: '', min: '', max: '', errors: false, limit: 50, range: { from: 'now-1h', to: 'now' }, order: 'newest', refresh: '',
};

export function readSearch(params: URLSearchParams): TraceSearch {
  const limit = Number(params.get('limit'));
  return {
    service: params.get('service') ?? '',
    operation: params.get('operation') ?? '',
    tags: params.get('tags') ?? '',
    min: params.get('min') ?? '',
    max: params.get('max') ?? '',
    errors: params.get('errors') === '1',
    limit: limits.some((one) => one === limit) ? limit : emptySearch.limit,
    range: readRange(params, emptySearch.range),
    order: params.get('order') === 'longest' ? 'longest' : 'newest',
    refresh: readRefresh(params.get('refresh')),
  };
}

/** The address of a search; what is as usual is left out. */
export function searchHref(search: Partial<TraceSearch>): string {
  const { service, operation, tags, min, max, errors, limit, range, order, refresh } = { ...emptySearch, ...search };
  const params = new URLSearchParams();
  const put = (name: string, value: string, usual: string): void => { if (value !== usual) params.set(name, value); };
  put('service', service, '');
  put('operation', operation, '');
  put('tags', tags, '');
  put('min', min, '');
  put('max', max, '');
  put('errors', errors ? '1' : '', '');
  put('limit', String(limit), String(emptySearch.limit));
  put('order', order, emptySearch.order);
  put('refresh', refresh, '');
  if (range.from !== emptySearch.range.from || range.to !== emptySearch.range.to) {
    params.set('from', range.from);
    params.set('to', range.to);
  }
  const text = params.toString();
  return text === '' ? '/traces' : `/traces?${text}`;
}
