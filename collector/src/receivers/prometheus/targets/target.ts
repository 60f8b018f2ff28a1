import type { Labels } from '@signalbox/signals/prometheus/types';
import { parseDuration } from '../../../config/duration.js';
import type { ScrapeConfig, StaticConfig } from '../config.js';
import type { LabelMap, Relabeling } from './relabel.js';

/** One endpoint to scrape. */
export interface Target {
  /** What tells targets apart: their labels and URL. */
  readonly key: string;
  readonly url: URL;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Before relabelling. */
  readonly discovered: LabelMap;
  /** What its series get; sorted. */
  readonly labels: Labels;
}

export interface TargetFailure {
  readonly discovered: LabelMap;
  /** Null: dropped by relabelling. */
  readonly error: string | null;
}

/** A target from a discovered address, as Prometheus makes it (scrape/target.go, PopulateLabels). */
export function targetOf(group: StaticConfig, address: string, source: string | null, config: ScrapeConfig, relabeling: Relabeling): Target | TargetFailure {
  const discovered = new Map<string, string>([
    ['job', config.job_name],
    ['__scrape_interval__', `${config.scrape_interval}ms`],
    ['__scrape_timeout__', `${config.scrape_timeout}ms`],
    ['__metrics_path__', config.metrics_path],
    ['__scheme__', config.scheme],
    ...Object.entries(config.params).map(([name, values]) => [`__param_${name}`, values[0] ?? ''] as const),
    ...group.labels,
    ['__address__', address],
    ...(source === null ? [] : [['__meta_filepath', source] as const]),
  ]);
  const labels = relabeling.apply(discovered);
  if (labels === null) return { discovered, error: null };
  const get = (name: string): string => labels.get(name) ?? '';
  if (get('__address__') === '') return { discovered, error: 'no address' };
  const intervalMs = parseDuration(get('__scrape_interval__'));
  const timeoutMs = parseDuration(get('__scrape_timeout__'));
  if (intervalMs === null || intervalMs <= 0) return { discovered, error: `error parsing scrape interval: ${get('__scrape_interval__')}` };
  if (timeoutMs === null || timeoutMs <= 0) return { discovered, error: `error parsing scrape timeout: ${get('__scrape_timeout__')}` };
  if (timeoutMs > intervalMs) return { discovered, error: `scrape timeout cannot be greater than scrape interval ("${get('__scrape_timeout__')}" > "${get('__scrape_interval__')}")` };
  const url = urlOf(get, config, labels);
  if (url === null) return { discovered, error: `${JSON.stringify(get('__address__'))} is not a valid hostname` };
  if (!labels.has('instance')) labels.set('instance', get('__address__'));
  const kept = [...labels].filter(([name, value]) => !name.startsWith('__') && value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { key: JSON.stringify([url.href, kept, intervalMs, timeoutMs]), url, intervalMs, timeoutMs, discovered, labels: kept };
}

function urlOf(get: (name: string) => string, config: ScrapeConfig, labels: LabelMap): URL | null {
  const text = `${get('__scheme__')}://${get('__address__')}${get('__metrics_path__')}`;
  if (/[/?#@]/.test(get('__address__')) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  for (const [name, values] of Object.entries(config.params)) values.forEach((value, i) => (i === 0 ? undefined : url.searchParams.append(name, value)));
  for (const [name, value] of labels) {
    if (name.startsWith('__param_') && value !== '') url.searchParams.append(name.slice('__param_'.length), value);
  }
  return url;
}
