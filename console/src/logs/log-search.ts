import { readRange } from '../time/range.js';
import { readRefresh } from '../time/refresh.js';
import type { TimeRange } from '../time/range.js';

export const everything = '{service_name=~".+"}';
export const lineLimits = [100, 500, 1_000, 5_000] as const;

/** What the logs page asks, as it stands in its address. */
export interface LogSearch {
  readonly query: string;
  readonly range: TimeRange;
  readonly limit: number;
  readonly direction: 'backward' | 'forward';
  /** How often to search anew, such as `10s`; empty for never. */
  readonly refresh: string;
}

const usual: TimeRange = { from: 'now-1h', to: 'now' };

export function readLogSearch(params: URLSearchParams): LogSearch {
  const limit = Number(params.get('limit'));
  return {
    query: params.get('query') ?? everything,
    range: readRange(params, usual),
    limit: lineLimits.some((one) => one === limit) ? limit : 500,
    direction: params.get('direction') === 'forward' ? 'forward' : 'backward',
    refresh: readRefresh(params.get('refresh')),
  };
}

export function logsHref({ query, range, limit, direction, refresh }: LogSearch): string {
  const params = new URLSearchParams({ query });
  if (range.from !== usual.from || range.to !== usual.to) {
    params.set('from', range.from);
    params.set('to', range.to);
  }
  if (limit !== 500) params.set('limit', String(limit));
  if (direction !== 'backward') params.set('direction', direction);
  if (refresh !== '') params.set('refresh', refresh);
  return `/logs?${params.toString()}`;
}

/** Puts `label="value"` into the stream selector that the query begins with; a matcher on the same label gives way to it. */
export function withMatcher(query: string, label: string, value: string): string {
  const matcher = `${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const selector = /^\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}/.exec(query);
  if (selector === null) return `{${matcher}} ${query.trim()}`.trim();
  const kept = matchersOf(selector[1] ?? '').filter((one) => !new RegExp(`^${label}\\s*(?:=|!=)`).test(one) && one !== 'service_name=~".+"');
  return `{${[...kept, matcher].join(', ')}}${query.slice(selector[0].length)}`;
}

/** Puts `| name="value"` behind the query: only lines whose structured metadata has it. */
export function withFilter(query: string, name: string, value: string): string {
  const filter = `| ${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return query.includes(filter) ? query : `${query.trim()} ${filter}`;
}

/** The matchers of a selector; commas within quotation marks separate none. */
function matchersOf(text: string): readonly string[] {
  return (text.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g) ?? []).map((one) => one.trim()).filter((one) => one !== '');
}
