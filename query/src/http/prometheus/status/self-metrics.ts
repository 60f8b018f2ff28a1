import type { FastifyPluginAsync } from 'fastify';
import { RegexpError, searchRegexp } from '../../../regexp/linear.js';
import { formOf } from '../../form.js';
import type { ApiOptions } from '../../options.js';
import { BadData } from '../errors.js';
import { success } from '../answer/response.js';

type Labels = Readonly<Record<string, string>>;

/** One of our own metrics; a histogram's counts are one more than its bounds, and not cumulative. */
export type SelfMetricFamily =
  | { readonly name: string; readonly type: 'counter' | 'gauge'; readonly series: readonly { readonly labels: Labels; readonly value: number }[] }
  | { readonly name: string; readonly type: 'histogram'; readonly bounds: readonly number[]; readonly series: readonly { readonly labels: Labels; readonly counts: readonly number[]; readonly sum: number }[] };

/** `status/self_metrics`: our own metrics in the JSON form of Prometheus' client model. */
export function selfMetrics({ ownMetrics }: ApiOptions): FastifyPluginAsync {
  return async (app) => {
    app.get('/api/v1/status/self_metrics', (request, reply) => {
      const wanted = nameTest(formOf(request).get('metric_name_pattern') ?? '');
      const families = (ownMetrics?.() ?? []).filter(({ name, series }) => series.length > 0 && wanted(name));
      return success(reply, [...families].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(familyJson));
    });
  };
}

/** Throws BadData. */
function nameTest(pattern: string): (name: string) => boolean {
  if (pattern === '') return () => true;
  try {
    return searchRegexp(`^(?:${pattern})$`);
  } catch (error) {
    throw error instanceof RegexpError ? new BadData(`invalid metric_name_pattern: ${error.message}`) : error;
  }
}

function familyJson(family: SelfMetricFamily): object {
  const metric = family.type === 'histogram'
    ? family.series.map(({ labels, counts, sum }) => ({ ...labelsJson(labels), histogram: histogramJson(family.bounds, counts, sum) }))
    : family.series.map(({ labels, value }) => ({ ...labelsJson(labels), [family.type]: { value: numberJson(value) } }));
  return { name: family.name, type: family.type.toUpperCase(), metric };
}

function labelsJson(labels: Labels): object {
  const pairs = Object.entries(labels).map(([name, value]) => ({ name, value }));
  return pairs.length === 0 ? {} : { label: pairs };
}

/** Whole numbers of 64 bits are texts in protobuf's JSON. */
function histogramJson(bounds: readonly number[], counts: readonly number[], sum: number): object {
  let cumulative = 0;
  const bucket = counts.map((count, i) => ({ cumulativeCount: String(cumulative += count), upperBound: numberJson(bounds[i] ?? Infinity) }));
  return { sampleCount: String(cumulative), sampleSum: numberJson(sum), bucket };
}

function numberJson(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
