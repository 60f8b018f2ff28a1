import type { Batch, ComponentContext, Processor, SignalData } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { anyHolds, FailureReport, PROCESSOR_ERROR } from '../../ottl/error-mode.js';
import { EvaluationContext } from '../../ottl/evaluation-context.js';
import { walkData } from '../../ottl/walk/data.js';
import { processParts, type Dropped, type ProcessResult } from '../editing/dropped.js';
import { compileFilter, type FilterConfig, type FilterGroup } from './config.js';

/** The ledger's reason for items that a condition held for. */
const FILTERED = 'filtered';

/** Drops items for which a condition holds. */
export class FilterProcessor implements Processor {
  readonly #groups: ReturnType<typeof compileFilter>;
  readonly #evaluation: EvaluationContext;
  readonly #report: FailureReport;

  constructor(config: FilterConfig, context: ComponentContext) {
    this.#groups = compileFilter(config, detachedPlace(context.id), []);
    this.#evaluation = new EvaluationContext(() => context.clock.nowNs());
    this.#report = new FailureReport(context);
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data, dropped) => this.#groups[data.signal].reduce((left, group) => this.#filter(left, group, dropped), data));
  }

  #filter(data: SignalData, { context, mode, conditions }: FilterGroup, dropped: Dropped): SignalData {
    const evaluation = this.#evaluation;
    return walkData(data, evaluation, context, (first, count) => {
      if (count === 1 && dropped.has(first)) return true;
      const holds = anyHolds(conditions, evaluation, mode, this.#report);
      if (holds === false) return true;
      if (context === 'spanevent' && holds === true) return false;
      dropped.dropAll(first, count, holds === 'failed' ? PROCESSOR_ERROR : FILTERED);
      return true;
    });
  }
}
