import type { Attributes } from '@signalbox/signals/model/attributes';
import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { Metric, MetricValues } from '@signalbox/signals/model/metric';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { OttlFailure } from '../error.js';
import type { EvaluationContext } from '../evaluation-context.js';
import { AGGREGATIONS, mergeExponential, mergeHistograms, mergeNumbers, type Aggregation } from './merge-points.js';

type Point = Exclude<MetricValues, { readonly type: 'none' | 'summary' }>['dataPoints'][number];
type Aggregable = Exclude<MetricValues, { readonly type: 'none' | 'summary' }>;

const DELTA = 1;
const NO_RECORDED_VALUE = 1;

/** @throws Error */
function aggregationNamed(name: string): Aggregation {
  const found = AGGREGATIONS.find((each) => each === name);
  if (found === undefined) throw new Error(`the function is one of ${AGGREGATIONS.join(', ')}, not '${name}'`);
  return found;
}

/**
 * Points of one time with the same attributes become one, in the place of the first. The others stay where they are until the statements
 * are through with the metric, marked as merged, so that items keep their numbers; then they are dropped.
 */
function aggregate(name: string, { metric, mergedPoints }: EvaluationContext, aggregation: Aggregation, change: (attributes: Attributes) => Attributes): void {
  const { values } = metric.current;
  if (values.type === 'none') return;
  if (values.type === 'summary') throw new OttlFailure(`${name}: the quantiles of a summary cannot be aggregated`);
  if (values.type !== 'sum' && values.type !== 'gauge' && aggregation !== 'sum') throw new OttlFailure(`${name}: of histograms there is no ${aggregation}, their buckets can be summed alone`);
  if (mergedPoints === null) throw new Error(`${name} is run where items cannot go`);
  const points: Point[] = values.dataPoints.map((point): Point => {
    const attributes = change(point.attributes);
    return attributes === point.attributes ? point : { ...point, attributes };
  });
  const groups = new Map<string, number[]>();
  for (const [i, point] of points.entries()) {
    if (mergedPoints.has(i) || (point.flags & NO_RECORDED_VALUE) !== 0 || ('value' in point && point.value === null)) continue;
    const key = keyOf(point, values);
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  }
  for (const group of groups.values()) {
    if (group.length === 1 && aggregation !== 'count') continue;
    const made = merge(values.type, group.map((i) => points[i]), aggregation);
    for (const [n, i] of group.entries()) {
      points[i] = made;
      if (n > 0) mergedPoints.add(i);
    }
  }
  if (points.some((point, i) => point !== values.dataPoints[i])) metric.write().values = { ...values, dataPoints: points } as Metric['values'];
}

/** What points must have in common to become one. */
function keyOf(point: Point, values: Aggregable): string {
  const attributes = attributesToJson([...point.attributes].sort((a, b) => (a.key < b.key ? -1 : 1)));
  const common = [point.timeNs, 'temporality' in values && values.temporality === DELTA ? point.startNs : ''];
  if ('explicitBounds' in point) common.push(point.bucketCounts.length.toString(), point.explicitBounds.join());
  else if ('scale' in point) common.push(point.scale.toString(), point.zeroThreshold.toString());
  if ('count' in point) common.push(String(point.min !== null), String(point.max !== null), String(point.flags));
  return `${attributes} ${common.join(' ')}`;
}

/** The points are of the type. */
function merge(type: Aggregable['type'], points: readonly Point[], aggregation: Aggregation): Point {
  if (type === 'histogram') return mergeHistograms(points as Parameters<typeof mergeHistograms>[0]);
  if (type === 'exponentialHistogram') return mergeExponential(points as Parameters<typeof mergeExponential>[0]);
  return mergeNumbers(points as Parameters<typeof mergeNumbers>[0], aggregation);
}

/** Without `attributes` points keep theirs; with an empty list none is left. */
const aggregate_on_attributes = define('aggregate_on_attributes', { function: 'word', 'attributes?': 'words' }, 'nil', (args) => {
  const aggregation = aggregationNamed(args.word('function', ''));
  const kept = args.has('attributes') ? new Set(args.words('attributes')) : null;
  const change = (attributes: Attributes): Attributes => (kept === null || attributes.every(({ key }) => kept.has(key)) ? attributes : attributes.filter(({ key }) => kept.has(key)));
  return (context) => {
    aggregate('aggregate_on_attributes', context, aggregation, change);
    return null;
  };
}, 'metric');

/** The attribute's values that are named become one, and so the points that they told apart. */
const aggregate_on_attribute_value = define('aggregate_on_attribute_value', { function: 'word', attribute: 'word', values: 'words', newValue: 'word' }, 'nil', (args) => {
  const aggregation = aggregationNamed(args.word('function', ''));
  const attribute = args.word('attribute', '');
  const values = new Set<unknown>(args.words('values'));
  const newValue = args.word('newValue', '');
  const change = (attributes: Attributes): Attributes =>
    attributes.some(({ key, value }) => key === attribute && values.has(value)) ? attributes.map((each) => (each.key === attribute && values.has(each.value) ? { key: attribute, value: newValue } : each)) : attributes;
  return (context) => {
    aggregate('aggregate_on_attribute_value', context, aggregation, change);
    return null;
  };
}, 'metric');

export const aggregateEditors: readonly FunctionDefinition[] = [aggregate_on_attributes, aggregate_on_attribute_value];
