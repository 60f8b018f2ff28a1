import type { Labels, PrometheusExemplar, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { SeriesExemplar } from '../head/exemplar-ring.js';

/** What stands in a block beside the samples. */
export interface BlockRest {
  readonly exemplars: readonly SeriesExemplar[];
  readonly metadata: readonly PrometheusMetadata[];
}

/** Numbers that JSON lacks (NaN, infinities, -0) are strings. */
type JsonNumber = number | string;
interface Encoded {
  readonly exemplars?: readonly (readonly [series: number, timeMs: number, value: JsonNumber, labels: Labels])[];
  readonly metadata?: readonly PrometheusMetadata[];
}

export function encodeRest({ exemplars, metadata }: BlockRest): Encoded {
  return { exemplars: exemplars.map(({ series, exemplar }) => [series, exemplar.timeMs, jsonNumber(exemplar.value), exemplar.labels] as const), metadata };
}

export function decodeRest(value: unknown): BlockRest {
  const { exemplars = [], metadata = [] } = value as Encoded;
  return { exemplars: exemplars.map(([series, timeMs, number, labels]): SeriesExemplar => ({ series, exemplar: { labels, value: Number(number), timeMs } satisfies PrometheusExemplar })), metadata };
}

function jsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}
