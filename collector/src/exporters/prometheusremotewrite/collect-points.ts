import { OtlpError } from '@signalbox/signals/otlp/error';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import type { Batch, BatchPart } from '../../component.js';
import { encodeRequest } from '../otlp/encode.js';
import type { LabelGeneration } from './label-memory.js';
import { passedSamples } from './passed-points.js';
import { Points, type PointRange } from './points.js';
import { PartTranslation, type Dropped } from './part-translation.js';
import type { SeriesMetadata } from './series.js';

export interface CollectOptions {
  readonly translation: TranslateOptions;
  readonly exemplars: boolean;
  readonly nativeHistograms: boolean;
}

export interface Collected {
  /** Series by series, each in order of time, as the protocol wants it. */
  readonly points: PointRange;
  /** Items of the batch that have no counterpart. */
  readonly dropped: readonly Dropped[];
}

/**
 * All data points of a batch as samples; frames of Prometheus samples as they came.
 * @throws OtlpError where a part's bytes are not what they should be
 */
export function collectPoints(batch: Batch, memory: LabelGeneration, options: CollectOptions): Collected {
  const points = new Points(memory.series, batch.items + 16);
  const dropped: Dropped[] = [];
  let first = 0;
  for (const part of batch.parts) {
    if (part.data.signal === 'metrics' && part.data.prometheus) passPart(part, first, points, memory, options, dropped);
    else translatePart(part, first, points, memory, options, dropped);
    first += part.items;
  }
  return { points: points.ordered(), dropped };
}

function translatePart(part: BatchPart, first: number, points: Points, memory: LabelGeneration, options: CollectOptions, dropped: Dropped[]): void {
  const wire = part.wire ?? encodeRequest(part.data);
  const found = new PartTranslation({ wire, wanted: part.wireItems ?? null, receivedNs: part.receivedNs, first, points, memory, dropped, ...options }).read();
  if (found !== part.items) throw OtlpError.atByte(`the part holds ${found} items and should hold ${part.items}, says its end`, wire.length);
}

function passPart(part: BatchPart, first: number, points: Points, memory: LabelGeneration, options: CollectOptions, dropped: Dropped[]): void {
  if (part.data.signal !== 'metrics' || !part.data.prometheus) return;
  let said: unknown = null;
  let metadata: SeriesMetadata | null = null;
  for (const passed of passedSamples(part.data.prometheus, options.translation.externalLabels)) {
    const item = first + passed.sample.item;
    if (passed.metadata !== said) {
      said = passed.metadata;
      metadata = passed.metadata === null ? null : memory.series.metadata(passed.metadata);
    }
    if (passed.sample.histogram !== null && !options.nativeHistograms) dropped.push({ item, reason: NATIVE_OFF });
    else points.addSample(memory.series.of(passed.sample.labels), metadata, passed.sample, item, options.exemplars);
  }
}

const NATIVE_OFF = 'native_histogram_off';
