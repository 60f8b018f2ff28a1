import type { ComponentContext } from '../component.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { OttlFailure } from './error.js';
import type { EvaluationContext } from './evaluation-context.js';
import type { Compiled } from './statement.js';

/**
 * What follows when a statement fails on an item's data: `ignore` says so in the log and goes on with the next statement, `silent`
 * goes on without a word, `propagate` drops the item with the reason `processor_error`.
 */
export const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const;
export type ErrorMode = (typeof ERROR_MODES)[number];

/** The ledger's reason for items that a statement failed on. */
export const PROCESSOR_ERROR = 'processor_error';

/** Tells people and the self-metrics of statements that fail on data. */
export class FailureReport {
  readonly #log: RateLimitedLog;

  constructor(readonly context: Pick<ComponentContext, 'id' | 'logger' | 'clock' | 'metrics'>) {
    this.#log = new RateLimitedLog(context.logger, context.clock);
  }

  failed(source: string, mode: ErrorMode, error: OttlFailure): void {
    this.context.metrics.count('otelcol_processor_statement_errors', { processor: this.context.id }, 1);
    if (mode === 'silent') return;
    const consequence = mode === 'propagate' ? 'the item is dropped' : 'the statement is passed over for the item';
    this.#log.warn(source, `a statement failed on an item's data: ${error.message}; ${consequence}`, { code: 'SBX_PROCESSOR_STATEMENT', processor: this.context.id, statement: source });
  }
}

export type Verdict = 'done' | 'failed';

/** Runs all statements in order; `failed` where one did and errors propagate. */
export function runStatements(statements: readonly Compiled<boolean>[], context: EvaluationContext, mode: ErrorMode, report: FailureReport): Verdict {
  for (const statement of statements) {
    try {
      statement.run(context);
    } catch (error) {
      if (!(error instanceof OttlFailure)) throw error;
      report.failed(statement.source, mode, error);
      if (mode === 'propagate') return 'failed';
    }
  }
  return 'done';
}

/** Whether any of the conditions holds. */
export function anyHolds(conditions: readonly Compiled<boolean>[], context: EvaluationContext, mode: ErrorMode, report: FailureReport): boolean | 'failed' {
  for (let i = 0; i < conditions.length; i++) {
    try {
      if (conditions[i].run(context)) return true;
    } catch (error) {
      if (!(error instanceof OttlFailure)) throw error;
      report.failed(conditions[i].source, mode, error);
      if (mode === 'propagate') return 'failed';
    }
  }
  return false;
}
