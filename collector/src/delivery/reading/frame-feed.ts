import type { Frame } from '@signalbox/journal/frame';
import type { LoadedConfig } from '../../config/loaded.js';
import { encodeDerived } from '../../derive/append.js';
import { pipelineGraph, type ReaderPlan } from '../../pipeline/graph.js';
import type { SampledPipeline } from '../../sampling/sampled-journal.js';
import { isSampled, NOT_SAMPLED } from '../../sampling/sampled-frame.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { createProcessors, loggerOf, type CreationOptions, type NamedProcessor } from '../create.js';
import { decodeFrame } from './decode.js';
import { DeliveryMeter } from '../accounting/meter.js';
import { prepare } from './preparation.js';
import { trackFrame } from './track-frame.js';

export interface FrameFeedOptions extends CreationOptions {
  readonly config: LoadedConfig;
  /** Pipelines with an exporter of this type end where the frames are taken. */
  readonly exporterType: string;
  readonly journalId: string;
}

/** What is left of a frame after the processors. */
export interface PreparedFrame {
  /** With another payload; null when nothing is left. */
  readonly frame: Frame | null;
  /** Items by reason; with those of `frame` they are the accepted items of the frame as it was. */
  readonly dropped: Readonly<Record<string, number>>;
}

class FrameTakenTwice extends Error {
  readonly code = 'SBX_CONFIG_STORE_TWICE';
  constructor(first: string, second: string, origin: string, exporter: string) {
    super(`what '${origin}' brings would be kept twice: both pipelines '${first}' and '${second}' take it to '${exporter}'; take the exporter or the receiver out of one of them`);
    this.name = 'FrameTakenTwice';
  }
}

interface Route {
  readonly plan: ReaderPlan;
  readonly processors: readonly NamedProcessor[];
  readonly meter: DeliveryMeter;
  readonly log: RateLimitedLog;
}

/** The processors of the pipelines that end in something that reads the journal by itself, as the embedded store does. */
export class FrameFeed {
  readonly #routes: readonly Route[];

  constructor(options: FrameFeedOptions) {
    this.#routes = plansOf(options.config, options.exporterType).filter(({ processors }) => processors.length > 0).map((plan) => ({
      plan,
      processors: createProcessors(plan.processors, options, options.journalId),
      meter: new DeliveryMeter(options.metrics, { exporter: plan.exporter.id, pipeline: plan.pipeline, signal: plan.signal }),
      log: new RateLimitedLog(loggerOf(options, plan.name), options.clock),
    }));
  }

  /** Null: the frame is taken as it is. */
  prepare(frame: Frame): PreparedFrame | null {
    if (isSampled(frame) && frame.rejected.length === frame.items) return { frame: null, dropped: { [NOT_SAMPLED]: frame.sampling.notSampled } };
    const route = this.#routes.find(({ plan }) => plan.signal === frame.signal && (frame.origin === '' || plan.origins.includes(frame.origin)));
    if (!route) return isSampled(frame) ? { frame, dropped: { [NOT_SAMPLED]: frame.sampling.notSampled } } : null;
    const tracked = trackFrame(frame);
    const reader = { signal: route.plan.signal, position: frame.next, wants: () => false };
    const left = prepare([{ frame, tracked }], { ...route, cache: { decode: decodeFrame }, reader });
    const dropped = Object.fromEntries(tracked.dropped);
    const [part] = left?.batch.parts ?? [];
    if (!part) return { frame: null, dropped };
    // Samples that no processor has changed go on as they came.
    if (part.data.signal === 'metrics' && part.data.prometheus && part.items === tracked.items) return { frame, dropped };
    const encoded = encodeDerived({ tenant: frame.tenant, data: part.data }, frame.origin, frame.batchId);
    if (!encoded) return { frame: null, dropped };
    return { frame: { ...frame, encoding: 'otlp', items: encoded.items, rejected: [], payload: Buffer.from(encoded.payload.buffer, encoded.payload.byteOffset, encoded.payload.byteLength) }, dropped };
  }
}

function plansOf(config: LoadedConfig, exporterType: string): readonly ReaderPlan[] {
  return pipelineGraph(config).readers.filter(({ exporter }) => exporter.type === exporterType);
}

/** Pipelines with tail sampling that end where frames are taken: what is to be read through a SampledJournal. */
export function sampledPipelines(config: LoadedConfig, exporterType: string): readonly SampledPipeline[] {
  return plansOf(config, exporterType).flatMap(({ pipeline, origins, sampler }) => (sampler === null ? [] : [{ pipeline, origins, sampler }]));
}

/** For exporters that would keep a frame once for each pipeline. @throws FrameTakenTwice */
export function checkTakenOnce(config: LoadedConfig, exporterType: string): void {
  const plans = plansOf(config, exporterType);
  plans.forEach((plan, i) => {
    for (const before of plans.slice(0, i)) {
      const origin = before.signal === plan.signal ? plan.origins.find((id) => before.origins.includes(id)) : undefined;
      if (origin !== undefined) throw new FrameTakenTwice(before.pipeline, plan.pipeline, origin, plan.exporter.id);
    }
  });
}
