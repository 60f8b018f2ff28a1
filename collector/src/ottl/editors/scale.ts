import type { Exemplar, MetricValues } from '@signalbox/signals/model/metric';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { OttlFailure } from '../error.js';

/** Whole numbers stay whole: they lose their fraction. */
function scaled<T extends bigint | number | null>(value: T, factor: number): bigint | number | null {
  if (value === null || typeof value === 'number') return value === null ? null : value * factor;
  const number = Number(value) * factor;
  if (!(Math.abs(number) < 2 ** 63)) throw new OttlFailure(`scale_metric: ${value} times ${factor} does not fit into 64 bits`);
  return BigInt(Math.trunc(number));
}

function scaledValues(values: MetricValues, factor: number): MetricValues {
  const times = (value: number | null): number | null => (value === null ? null : value * factor);
  const exemplars = (all: readonly Exemplar[]): readonly Exemplar[] => (all.length === 0 ? all : all.map((exemplar) => ({ ...exemplar, value: scaled(exemplar.value, factor) })));
  switch (values.type) {
    case 'none':
      return values;
    case 'gauge':
    case 'sum':
      return { ...values, dataPoints: values.dataPoints.map((point) => ({ ...point, value: scaled(point.value, factor), exemplars: exemplars(point.exemplars) })) };
    case 'histogram':
      if (!(factor > 0)) throw new OttlFailure('scale_metric: the bounds of histograms ascend, which they do with factors above 0 alone');
      return {
        ...values,
        dataPoints: values.dataPoints.map((point) => ({
          ...point, sum: times(point.sum), min: times(point.min), max: times(point.max), explicitBounds: point.explicitBounds.map((bound) => bound * factor), exemplars: exemplars(point.exemplars),
        })),
      };
    case 'summary':
      return { ...values, dataPoints: values.dataPoints.map((point) => ({ ...point, sum: point.sum * factor, quantileValues: point.quantileValues.map(({ quantile, value }) => ({ quantile, value: value * factor })) })) };
    case 'exponentialHistogram':
      throw new OttlFailure('scale_metric: the buckets of exponential histograms are powers of their base, which do not scale');
  }
}

/** Multiplies values, and bounds and exemplars with them; counts stay. */
const scale_metric = define('scale_metric', { factor: 'number', 'unit?': 'string' }, 'nil', (args) => {
  const literal = args.literal('factor');
  const factor = typeof literal === 'bigint' || typeof literal === 'number' ? Number(literal) : NaN;
  if (!Number.isFinite(factor)) throw new Error('the factor is a number, written out');
  const unit = args.has('unit') ? args.string('unit') : null;
  return (context) => {
    const { metric } = context;
    const named = unit?.(context);
    metric.write().values = scaledValues(metric.current.values, factor);
    if (named !== undefined) metric.write().unit = named;
    return null;
  };
}, 'metric');

export const scaleEditors: readonly FunctionDefinition[] = [scale_metric];
