import type { Metrics } from '../component.js';

export type Labels = Readonly<Record<string, string>>;

/** Seconds, for what is observed without bounds of its own. */
const DEFAULT_BOUNDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface MetricsOptions {
  /** Most series of one name; what comes beyond is added up under `{overflow="true"}`. */
  readonly maxSeries?: number;
  /** Longer label values are cut to this many characters. */
  readonly maxLabelLength?: number;
}

/** What one process has counted, as plain JSON: it crosses process boundaries and adds up with others. */
export interface MetricsSnapshot {
  readonly families: readonly MetricFamily[];
}

export type MetricFamily =
  | { readonly name: string; readonly type: 'counter' | 'gauge'; readonly series: readonly { readonly labels: Labels; readonly value: number }[] }
  | { readonly name: string; readonly type: 'histogram'; readonly bounds: readonly number[]; readonly series: readonly HistogramSeries[] };

export interface HistogramSeries {
  readonly labels: Labels;
  /** One more than bounds; not cumulative. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface MetricsRegistry extends Metrics {
  /** A counter that is counted elsewhere: `value` since the start. It never falls. */
  total(name: string, labels: Labels, value: number): void;
  /** Everything counted so far in Prometheus' text format 0.0.4. */
  expose(): string;
  snapshot(): MetricsSnapshot;
}

interface Family {
  readonly type: MetricFamily['type'];
  readonly bounds: readonly number[];
  readonly series: Map<string, Series>;
}

interface Series {
  readonly labels: Labels;
  value: number;
  readonly counts: number[];
}

/** Self-metrics of one process. A name keeps the type that it was first used with; other uses of it are ignored. */
export function createMetrics(options: MetricsOptions = {}): MetricsRegistry {
  const maxSeries = options.maxSeries ?? 1000;
  const maxLabelLength = options.maxLabelLength ?? 128;
  const families = new Map<string, Family>();

  const seriesOf = (name: string, type: MetricFamily['type'], labels: Labels, bounds: readonly number[]): [Family, Series] | null => {
    let family = families.get(name);
    if (!family) families.set(name, (family = { type, bounds, series: new Map() }));
    if (family.type !== type) return null;
    let key = keyOf(labels);
    let series = family.series.get(key);
    if (!series) {
      let kept: Labels = cut(labels, maxLabelLength);
      if (family.series.size >= maxSeries) kept = { overflow: 'true' };
      key = kept === labels ? key : keyOf(kept);
      series = family.series.get(key);
      if (!series) family.series.set(key, (series = { labels: { ...kept }, value: 0, counts: type === 'histogram' ? new Array<number>(family.bounds.length + 1).fill(0) : [] }));
    }
    return [family, series];
  };

  const snapshot = (): MetricsSnapshot => ({ families: [...families].map(([name, family]) => toFamily(name, family)) });

  return {
    count(name, labels, by) {
      const found = by >= 0 ? seriesOf(name, 'counter', labels, []) : null;
      if (found) found[1].value += by;
    },
    total(name, labels, value) {
      const found = seriesOf(name, 'counter', labels, []);
      if (found) found[1].value = Math.max(found[1].value, value);
    },
    gauge(name, labels, value) {
      const found = seriesOf(name, 'gauge', labels, []);
      if (found) found[1].value = value;
    },
    observe(name, labels, value, bounds) {
      const found = Number.isNaN(value) ? null : seriesOf(name, 'histogram', labels, bounds ?? DEFAULT_BOUNDS);
      if (!found) return;
      const [family, series] = found;
      let bucket = 0;
      while (bucket < family.bounds.length && value > family.bounds[bucket]!) bucket++;
      series.counts[bucket]!++;
      series.value += value;
    },
    snapshot,
    expose: () => exposeSnapshot(snapshot()),
  };
}

/** Adds up what several processes counted: counters and histograms by sum; of a gauge that two have, the sum too. */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const merged = new Map<string, Family>();
  for (const family of snapshots.flatMap((snapshot) => snapshot.families)) {
    const bounds = family.type === 'histogram' ? family.bounds : [];
    let into = merged.get(family.name);
    if (!into) merged.set(family.name, (into = { type: family.type, bounds, series: new Map() }));
    if (into.type !== family.type || into.bounds.length !== bounds.length) continue;
    for (const series of family.series) {
      const key = keyOf(series.labels);
      let target = into.series.get(key);
      if (!target) into.series.set(key, (target = { labels: series.labels, value: 0, counts: 'counts' in series ? series.counts.map(() => 0) : [] }));
      if ('counts' in series) {
        target.value += series.sum;
        for (let i = 0; i < series.counts.length; i++) target.counts[i]! += series.counts[i]!;
      } else {
        target.value += series.value;
      }
    }
  }
  return { families: [...merged].map(([name, family]) => toFamily(name, family)) };
}

/** Prometheus' text format 0.0.4, sorted by name. Counters get their `_total`. */
export function exposeSnapshot(snapshot: MetricsSnapshot): string {
  const lines: string[] = [];
  for (const family of [...snapshot.families].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = family.type === 'counter' && !family.name.endsWith('_total') ? `${family.name}_total` : family.name;
    lines.push(`# TYPE ${name} ${family.type}`);
    if (family.type !== 'histogram') {
      for (const series of family.series) lines.push(`${name}${labelText(series.labels)} ${numberText(series.value)}`);
      continue;
    }
    for (const series of family.series) {
      let cumulative = 0;
      series.counts.forEach((count, i) => {
        cumulative += count;
        const le = i < family.bounds.length ? numberText(family.bounds[i]!) : '+Inf';
        lines.push(`${name}_bucket${labelText({ ...series.labels, le })} ${cumulative}`);
      });
      lines.push(`${name}_sum${labelText(series.labels)} ${numberText(series.sum)}`, `${name}_count${labelText(series.labels)} ${cumulative}`);
    }
  }
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
}

function toFamily(name: string, family: Family): MetricFamily {
  const series = [...family.series.values()];
  return family.type === 'histogram'
    ? { name, type: 'histogram', bounds: family.bounds, series: series.map((s) => ({ labels: s.labels, counts: [...s.counts], sum: s.value })) }
    : { name, type: family.type, series: series.map((s) => ({ labels: s.labels, value: s.value })) };
}

/** Label order does not matter to identity; components use the same order each time, so sorting costs little. */
function keyOf(labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = '';
  for (const name of names) key += `${name}\u0000${labels[name]}\u0000`;
  return key;
}

function cut(labels: Labels, maxLength: number): Labels {
  if (!Object.values(labels).some((value) => value.length > maxLength)) return labels;
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.slice(0, maxLength)]));
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function numberText(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}
