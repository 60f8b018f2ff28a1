import type { Signal } from '@signalbox/signals/model/signal';
import type { Batch, ComponentContext, Processor, SignalData } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { anyHolds, FailureReport, PROCESSOR_ERROR, runStatements } from '../../ottl/error-mode.js';
import { EvaluationContext } from '../../ottl/evaluation-context.js';
import { walkData } from '../../ottl/walk/data.js';
import { processParts, type Dropped, type ProcessResult } from '../editing/dropped.js';
import { compileTransform, type StatementGroup, type TransformConfig } from './config.js';

/** The ledger's reason for data points that were merged into others. */
const AGGREGATED = 'aggregated';

/** Changes items by OTTL statements. */
export class TransformProcessor implements Processor {
  readonly #groups: Readonly<Record<Signal, readonly StatementGroup[]>>;
  readonly #evaluation: EvaluationContext;
  readonly #report: FailureReport;

  constructor(config: TransformConfig, context: ComponentContext) {
    const place = detachedPlace(context.id);
    this.#groups = { traces: compileTransform(config, 'traces', place, []), metrics: compileTransform(config, 'metrics', place, []), logs: compileTransform(config, 'logs', place, []) };
    this.#evaluation = new EvaluationContext(() => context.clock.nowNs());
    this.#report = new FailureReport(context);
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data, dropped) => this.#groups[data.signal].reduce((left, group) => this.#transform(left, group, dropped), data));
  }

  #transform(data: SignalData, { context, mode, conditions, statements }: StatementGroup, dropped: Dropped): SignalData {
    const evaluation = this.#evaluation;
    return walkData(data, evaluation, context, (first, count) => {
      if (count === 1 && dropped.has(first)) return true;
      if (context === 'metric') evaluation.mergedPoints = { has: (point) => dropped.has(first + point), add: (point) => dropped.drop(first + point, AGGREGATED) };
      const holds = conditions.length === 0 || anyHolds(conditions, evaluation, mode, this.#report);
      if (holds === 'failed' || (holds && runStatements(statements, evaluation, mode, this.#report) === 'failed')) dropped.dropAll(first, count, PROCESSOR_ERROR);
      return true;
    });
  }
}
