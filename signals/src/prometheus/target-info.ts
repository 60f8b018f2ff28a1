import type { Resource } from '../model/resource.js';
import { labelNamer, pointLabels, resourceLabels, seriesLabels, type LabelNamer, type ResourceLabels } from './labels.js';
import { escapes, metricName } from './metric-name.js';
import { TRANSLATE_DEFAULTS, type TranslateOptions } from './options.js';
import type { Labels, PrometheusMetadata, PrometheusSample } from './types.js';

const IDENTIFYING = ['service.namespace', 'service.name', 'service.instance.id'];
const NO_SCOPE: ReadonlyMap<string, string> = new Map();

/** Half of Prometheus' default look-back, so that an instant query anywhere in the range finds a sample. */
const INTERVAL_MS = 150_000;
/** A range of points beyond a day gets samples at its ends only: wrong clocks must not make thousands of samples. */
const MAX_SAMPLES = 576;

export interface TargetSeries {
  readonly labels: Labels;
  readonly metadata: PrometheusMetadata;
}

export interface TargetInfo {
  readonly samples: readonly PrometheusSample[];
  readonly metadata: PrometheusMetadata;
}

/**
 * The `target_info` series of a resource: value 1, its attributes as labels, from the earliest to the latest of its
 * points. Null where the resource has nothing but identifying attributes, or none of those (no `job` and no `instance`).
 */
export function targetInfo(
  resource: Resource | null,
  labels: ResourceLabels,
  options: Required<TranslateOptions>,
  nameOf: LabelNamer,
  earliestMs: number,
  latestMs: number,
): TargetInfo | null {
  const series = targetSeries(resource, labels, options, nameOf);
  if (series === null) return null;
  return {
    samples: targetTimes(earliestMs, latestMs).map((timeMs) => ({ labels: series.labels, timeMs, value: 1, stale: false, histogram: null, startMs: 0, exemplars: [], item: -1 })),
    metadata: series.metadata,
  };
}

/** The series alone, for who remembers it: its samples have the value 1 at targetTimes(). Null as above, or where it is switched off. */
export function targetSeriesOf(resource: Resource | null, translation: TranslateOptions): TargetSeries | null {
  const options = { ...TRANSLATE_DEFAULTS, ...translation };
  if (!options.targetInfo) return null;
  const nameOf = labelNamer(options.strategy);
  return targetSeries(resource, resourceLabels(resource, options, nameOf), options, nameOf);
}

function targetSeries(resource: Resource | null, labels: ResourceLabels, options: Required<TranslateOptions>, nameOf: LabelNamer): TargetSeries | null {
  const attributes = resource?.attributes ?? [];
  if (!attributes.some(({ key }) => !IDENTIFYING.includes(key))) return null;
  if (labels.job === '' && labels.instance === '') return null;

  const prefix = options.namespace === '' || !escapes(options.strategy) ? options.namespace : (metricName(options.namespace, '', 'other', 'UnderscoreEscapingWithoutSuffixes') ?? '');
  const name = prefix === '' ? 'target_info' : `${prefix}_target_info`;
  const ignore = options.keepIdentifyingResourceAttributes ? ['__name__'] : ['__name__', ...IDENTIFYING];
  return {
    labels: seriesLabels(pointLabels(attributes, { ...labels, promoted: NO_SCOPE }, NO_SCOPE, options, nameOf, ignore), name),
    metadata: { name, type: 'gauge', help: 'Target metadata', unit: '' },
  };
}

/** When `target_info` has samples, in Unix milliseconds. */
export function targetTimes(earliestMs: number, latestMs: number): number[] {
  const steps = (latestMs - earliestMs) / INTERVAL_MS;
  if (steps > MAX_SAMPLES) return [earliestMs, latestMs];
  const out: number[] = [];
  for (let timeMs = earliestMs; timeMs < latestMs; timeMs += INTERVAL_MS) out.push(timeMs);
  out.push(latestMs);
  return out;
}
