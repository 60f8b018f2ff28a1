import type {
  Exemplar, ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, SummaryDataPoint,
} from '../../model/metric.js';
import { attributesFromJson, attributesToJson } from './attributes.js';
import type { JsonObject, JsonReader } from './reader.js';
import { doubleJson, integerJson, optionalDouble, withoutDefaults } from './writer.js';

export function numberPointFromJson(json: JsonReader, object: JsonObject): NumberDataPoint {
  return { ...commonFromJson(json, object), value: numberFromJson(json, object), exemplars: exemplarsFromJson(json, object) };
}

export function numberPointToJson(point: NumberDataPoint): object {
  return { ...commonToJson(point), ...numberToJson(point.value), ...exemplarsToJson(point.exemplars) };
}

export function histogramPointFromJson(json: JsonReader, object: JsonObject): HistogramDataPoint {
  return {
    ...commonFromJson(json, object),
    ...distributionFromJson(json, object),
    bucketCounts: json.uint64List(object, 'bucketCounts'),
    explicitBounds: json.doubleList(object, 'explicitBounds'),
    exemplars: exemplarsFromJson(json, object),
  };
}

export function histogramPointToJson(point: HistogramDataPoint): object {
  return {
    ...commonToJson(point),
    ...distributionToJson(point),
    ...withoutDefaults({ bucketCounts: point.bucketCounts.map(String), explicitBounds: point.explicitBounds.map(doubleJson) }),
    ...exemplarsToJson(point.exemplars),
  };
}

export function exponentialHistogramPointFromJson(json: JsonReader, object: JsonObject): ExponentialHistogramDataPoint {
  return {
    ...commonFromJson(json, object),
    ...distributionFromJson(json, object),
    scale: json.int32(object, 'scale'),
    zeroCount: json.uint64(object, 'zeroCount'),
    zeroThreshold: json.double(object, 'zeroThreshold'),
    positive: json.message(object, 'positive', bucketsFromJson),
    negative: json.message(object, 'negative', bucketsFromJson),
    exemplars: exemplarsFromJson(json, object),
  };
}

export function exponentialHistogramPointToJson(point: ExponentialHistogramDataPoint): object {
  return {
    ...commonToJson(point),
    ...distributionToJson(point),
    ...withoutDefaults({
      scale: point.scale,
      zeroCount: integerJson(point.zeroCount),
      zeroThreshold: doubleJson(point.zeroThreshold),
      positive: point.positive && bucketsToJson(point.positive),
      negative: point.negative && bucketsToJson(point.negative),
    }),
    ...exemplarsToJson(point.exemplars),
  };
}

export function summaryPointFromJson(json: JsonReader, object: JsonObject): SummaryDataPoint {
  return {
    ...commonFromJson(json, object),
    count: json.uint64(object, 'count'),
    sum: json.double(object, 'sum'),
    quantileValues: json.list(object, 'quantileValues', (reader, quantile) => ({
      quantile: reader.double(quantile, 'quantile'),
      value: reader.double(quantile, 'value'),
    })),
  };
}

export function summaryPointToJson(point: SummaryDataPoint): object {
  return {
    ...commonToJson(point),
    ...withoutDefaults({
      count: integerJson(point.count),
      sum: doubleJson(point.sum),
      quantileValues: point.quantileValues.map(({ quantile, value }) => withoutDefaults({ quantile: doubleJson(quantile), value: doubleJson(value) })),
    }),
  };
}

type Common = Pick<NumberDataPoint, 'attributes' | 'startNs' | 'timeNs' | 'flags'>;

function commonFromJson(json: JsonReader, object: JsonObject): Common {
  return {
    attributes: attributesFromJson(json, object, 'attributes'),
    startNs: json.uint64(object, 'startTimeUnixNano'),
    timeNs: json.uint64(object, 'timeUnixNano'),
    flags: json.uint32(object, 'flags'),
  };
}

function commonToJson(point: Common): object {
  return withoutDefaults({
    attributes: attributesToJson(point.attributes),
    startTimeUnixNano: integerJson(point.startNs),
    timeUnixNano: integerJson(point.timeNs),
    flags: point.flags,
  });
}

type Distribution = Pick<HistogramDataPoint, 'count' | 'sum' | 'min' | 'max'>;

function distributionFromJson(json: JsonReader, object: JsonObject): Distribution {
  return {
    count: json.uint64(object, 'count'),
    sum: json.optionalDouble(object, 'sum'),
    min: json.optionalDouble(object, 'min'),
    max: json.optionalDouble(object, 'max'),
  };
}

function distributionToJson({ count, sum, min, max }: Distribution): object {
  return { ...withoutDefaults({ count: integerJson(count) }), ...optionalDouble('sum', sum), ...optionalDouble('min', min), ...optionalDouble('max', max) };
}

function bucketsFromJson(json: JsonReader, object: JsonObject): ExponentialBuckets {
  return { offset: json.int32(object, 'offset'), bucketCounts: json.uint64List(object, 'bucketCounts') };
}

function bucketsToJson({ offset, bucketCounts }: ExponentialBuckets): object {
  return withoutDefaults({ offset, bucketCounts: bucketCounts.map(String) });
}

function numberFromJson(json: JsonReader, object: JsonObject): bigint | number | null {
  switch (json.oneof(object, ['asInt', 'asDouble'])) {
    case 'asInt':
      return json.int64(object, 'asInt');
    case 'asDouble':
      return json.double(object, 'asDouble');
    case null:
      return null;
  }
}

function numberToJson(value: bigint | number | null): object {
  if (value === null) return {};
  return typeof value === 'bigint' ? { asInt: String(value) } : { asDouble: doubleJson(value) };
}

function exemplarsFromJson(json: JsonReader, object: JsonObject): Exemplar[] {
  return json.list(object, 'exemplars', (reader, exemplar) => ({
    filteredAttributes: attributesFromJson(reader, exemplar, 'filteredAttributes'),
    timeNs: reader.uint64(exemplar, 'timeUnixNano'),
    value: numberFromJson(reader, exemplar),
    spanId: reader.optionalId(exemplar, 'spanId'),
    traceId: reader.optionalId(exemplar, 'traceId'),
  }));
}

function exemplarsToJson(exemplars: readonly Exemplar[]): object {
  return withoutDefaults({
    exemplars: exemplars.map((exemplar) => ({
      ...withoutDefaults({
        filteredAttributes: attributesToJson(exemplar.filteredAttributes),
        timeUnixNano: integerJson(exemplar.timeNs),
        spanId: exemplar.spanId,
        traceId: exemplar.traceId,
      }),
      ...numberToJson(exemplar.value),
    })),
  });
}
