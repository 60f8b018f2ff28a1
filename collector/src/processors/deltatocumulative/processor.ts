import type { Metric } from '@signalbox/signals/model/metric';
import type { Batch, BatchPart, ComponentContext, Processor } from '../../component.js';
import { processParts, type Dropped, type ProcessResult } from '../editing/dropped.js';
import { accumulatedOf, withAccumulated, type TemporalPoint } from '../temporality/accumulated.js';
import { add } from '../temporality/add.js';
import { mapMetrics, temporalValues, withPoints } from '../temporality/metrics.js';
import { streamKey } from '../temporality/stream-key.js';
import { StreamTable } from '../temporality/stream-table.js';
import type { DeltaToCumulativeConfig } from './config.js';

const DELTA = 1;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;

/** Adds deltas up to what came since their stream began. */
export class DeltaToCumulative implements Processor {
  readonly state: StreamTable;
  readonly #context: ComponentContext;

  constructor(config: DeltaToCumulativeConfig, context: ComponentContext) {
    this.state = new StreamTable(config.max_streams, config.max_stale);
    this.#context = context;
  }

  process(batch: Batch): ProcessResult {
    const result = processParts(batch, (data, dropped, part) => {
      this.state.expire(part.receivedNs);
      return mapMetrics(data, batch.tenant, (metric, group, first) => this.#convert(metric, group, first, dropped, part));
    });
    this.#context.metrics.gauge('otelcol_deltatocumulative_streams_tracked', { processor: this.#context.id }, this.state.size);
    return result;
  }

  #convert(metric: Metric, group: () => string, first: number, dropped: Dropped, part: BatchPart): Metric {
    const values = temporalValues(metric);
    if (!values || values.temporality !== DELTA) return metric;
    return withPoints(metric, values, CUMULATIVE, (point, i) => this.#cumulative(point, streamKey(group(), metric, point.attributes), part.receivedNs, (reason) => dropped.drop(first + i, reason)));
  }

  #cumulative(point: TemporalPoint, key: string, seenNs: bigint, drop: (reason: string) => void): TemporalPoint {
    const delta = accumulatedOf(point);
    if (delta === null || (point.flags & NO_RECORDED_VALUE) !== 0) {
      drop('no_recorded_value');
      return point;
    }
    const before = this.state.get(key);
    if (before && (point.timeNs <= before.timeNs || (point.startNs !== 0n && point.startNs < before.startNs))) {
      drop('out_of_order');
      return point;
    }
    // What cannot be added (other bounds of a histogram) begins the stream anew, from this point's own start.
    const sum = before ? add(before.held, delta) : null;
    const held = sum ?? delta;
    const startNs = before && sum ? before.startNs : point.startNs;
    if (!this.state.set(key, { startNs, timeNs: point.timeNs, held, seenNs })) {
      drop('stream_limit');
      return point;
    }
    if (before && point.startNs > before.timeNs) this.#context.metrics.count('otelcol_deltatocumulative_gaps', { processor: this.#context.id }, 1);
    return withAccumulated(point, held, startNs);
  }
}
