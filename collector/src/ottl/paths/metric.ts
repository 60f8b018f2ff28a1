import type { MetricValues } from '@signalbox/signals/model/metric';
import { OttlFailure } from '../error.js';
import type { EvaluationContext, LooseDataPoint } from '../evaluation-context.js';
import { int, typeOf, type OttlValue, type ValueType } from '../values.js';
import { bigintField, intField, mapField, readOnly, stringField, timeField, toInt, toList, type Field, type Fields } from './field.js';
import { cacheField } from './resource.js';

const metric = (context: EvaluationContext): EvaluationContext['metric'] => context.metric;
const point = (context: EvaluationContext): EvaluationContext['point'] => context.point;

const TYPES: Readonly<Record<MetricValues['type'], bigint>> = { none: 0n, gauge: 1n, sum: 2n, histogram: 3n, exponentialHistogram: 4n, summary: 5n };

export const metricFields: Fields = {
  name: stringField(metric, 'name'),
  description: stringField(metric, 'description'),
  unit: stringField(metric, 'unit'),
  type: readOnly('int', (context) => TYPES[context.metric.current.values.type]),
  aggregation_temporality: {
    type: 'int',
    get: ({ metric: { current } }) => ('temporality' in current.values ? int(current.values.temporality) : null),
    set: ({ metric: cell }, value) => {
      const temporality = Number(toInt(value));
      const { values } = cell.current;
      if ('temporality' in values && values.temporality !== temporality) cell.write().values = { ...values, temporality };
    },
  },
  is_monotonic: {
    type: 'bool',
    get: ({ metric: { current } }) => (current.values.type === 'sum' ? current.values.monotonic : null),
    set: ({ metric: cell }, value) => {
      if (typeof value !== 'boolean') throw new OttlFailure(`a bool was expected, found ${typeOf(value)}`);
      const { values } = cell.current;
      if (values.type === 'sum' && values.monotonic !== value) cell.write().values = { ...values, monotonic: value };
    },
  },
  metadata: mapField(metric, 'metadata'),
  cache: cacheField,
};

/** A field that points of some types have; elsewhere it is nil, and setting it does nothing. */
function pointField<K extends keyof LooseDataPoint>(key: K, type: ValueType, read: (stored: NonNullable<LooseDataPoint[K]>) => OttlValue, convert: (value: OttlValue) => NonNullable<LooseDataPoint[K]>): Field {
  return {
    type,
    get: (context) => {
      const stored = context.point.current[key];
      return stored === undefined || stored === null ? null : read(stored);
    },
    set: (context, value) => {
      const converted = convert(value);
      const { current } = context.point;
      if (key in current && current[key] !== converted) context.point.write()[key] = converted;
    },
  };
}

const double = (value: OttlValue): number => {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new OttlFailure(`a float was expected, found ${typeOf(value)}`);
};
const same = <T>(value: T): T => value;
const ints = (value: OttlValue): readonly bigint[] => toList(value).map(toInt);

/** Buckets are read only: half of what belongs together cannot be written. */
function buckets(key: 'positive' | 'negative'): Field {
  return {
    type: 'any',
    fields: {
      offset: readOnly('int', (context) => BigInt(context.point.current[key]?.offset ?? 0)),
      bucket_counts: readOnly('list', (context) => context.point.current[key]?.bucketCounts ?? null),
    },
  };
}

export const dataPointFields: Fields = {
  attributes: mapField(point, 'attributes'),
  start_time_unix_nano: bigintField(point, 'startNs'),
  time_unix_nano: bigintField(point, 'timeNs'),
  start_time: timeField(point, 'startNs'),
  time: timeField(point, 'timeNs'),
  flags: intField(point, 'flags'),
  value_double: pointField('value', 'float', (stored) => (typeof stored === 'number' ? stored : null), double),
  value_int: pointField('value', 'int', (stored) => (typeof stored === 'bigint' ? stored : null), toInt),
  count: pointField('count', 'int', same, toInt),
  sum: pointField('sum', 'float', same, double),
  min: pointField('min', 'float', same, double),
  max: pointField('max', 'float', same, double),
  bucket_counts: pointField('bucketCounts', 'list', same, ints),
  explicit_bounds: pointField('explicitBounds', 'list', same, (value) => toList(value).map(double)),
  scale: pointField('scale', 'int', (stored) => BigInt(stored), (value) => Number(toInt(value))),
  zero_count: pointField('zeroCount', 'int', same, toInt),
  zero_threshold: pointField('zeroThreshold', 'float', same, double),
  positive: buckets('positive'),
  negative: buckets('negative'),
  cache: cacheField,
};
