import type { Metric } from '@signalbox/signals/model/metric';
import type { Batch, BatchPart, ComponentContext, Processor } from '../../component.js';
import { compilePattern } from '../../ottl/pattern.js';
import { processParts, type Dropped, type ProcessResult } from '../editing/dropped.js';
import { accumulatedOf, withAccumulated, type TemporalPoint } from '../temporality/accumulated.js';
import { mapMetrics, temporalValues, withPoints } from '../temporality/metrics.js';
import { streamKey } from '../temporality/stream-key.js';
import { StreamTable } from '../temporality/stream-table.js';
import { subtract } from '../temporality/subtract.js';
import type { CumulativeToDeltaConfig, MetricMatch } from './config.js';

const DELTA = 1;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;

/** Makes of cumulative monotonic sums and histograms what came since the last point. */
export class CumulativeToDelta implements Processor {
  readonly state: StreamTable;
  readonly #config: CumulativeToDeltaConfig;
  readonly #wanted: (metric: Metric) => boolean;
  readonly #beganNs: bigint;

  constructor(config: CumulativeToDeltaConfig, context: ComponentContext) {
    this.#config = config;
    this.state = new StreamTable(config.max_streams, config.max_staleness);
    this.#beganNs = context.clock.nowNs();
    const include = config.include ? matcher(config.include) : (): boolean => true;
    const exclude = config.exclude ? matcher(config.exclude) : (): boolean => false;
    this.#wanted = (metric) => include(metric) && !exclude(metric);
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data, dropped, part) => {
      this.state.expire(part.receivedNs);
      return mapMetrics(data, batch.tenant, (metric, group, first) => this.#convert(metric, group, first, dropped, part));
    });
  }

  #convert(metric: Metric, group: () => string, first: number, dropped: Dropped, part: BatchPart): Metric {
    const values = temporalValues(metric);
    if (!values || values.temporality !== CUMULATIVE || (values.type === 'sum' && !values.monotonic) || !this.#wanted(metric)) return metric;
    return withPoints(metric, values, DELTA, (point, i) => this.#delta(point, streamKey(group(), metric, point.attributes), part.receivedNs, (reason) => dropped.drop(first + i, reason)));
  }

  #delta(point: TemporalPoint, key: string, seenNs: bigint, drop: (reason: string) => void): TemporalPoint {
    const held = accumulatedOf(point);
    if (held === null || (point.flags & NO_RECORDED_VALUE) !== 0) {
      drop('no_recorded_value');
      return point;
    }
    const before = this.state.get(key);
    if (before && point.timeNs <= before.timeNs) {
      drop('out_of_order');
      return point;
    }
    if (!this.state.set(key, { startNs: point.startNs, timeNs: point.timeNs, held, seenNs })) {
      drop('stream_limit');
      return point;
    }
    if (!before) {
      if (!this.#keepsFirst(point)) drop('first_point');
      return point;
    }
    // After a reset the counter's own value is what came since.
    return withAccumulated(point, subtract(held, before.held) ?? held, before.timeNs);
  }

  #keepsFirst({ startNs }: TemporalPoint): boolean {
    const { initial_value: policy } = this.#config;
    return policy === 'keep' || (policy === 'auto' && startNs !== 0n && startNs >= this.#beganNs);
  }
}

function matcher({ match_type, metrics, metric_types }: MetricMatch): (metric: Metric) => boolean {
  const names = new Set(metrics);
  const patterns = match_type === 'regexp' ? metrics.map(compilePattern) : [];
  const types = new Set<string>(metric_types);
  return ({ name, values }) => (metrics.length === 0 || (match_type === 'strict' ? names.has(name) : patterns.some(({ test }) => test(name)))) && (types.size === 0 || types.has(values.type.toLowerCase()));
}
