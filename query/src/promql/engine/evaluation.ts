import type { ReadContext, SeriesReader } from '../../readers.js';
import { Turns } from '../../event-loop.js';
import type { Annotations } from '../annotations.js';
import { PromQLExecutionError } from '../error.js';

export interface EngineOptions {
  /** How far a sample counts as current. */
  readonly lookbackMs: number;
  readonly maxSeries: number;
  readonly maxSamples: number;
  /** Step of a subquery that names none. */
  readonly subqueryStepMs: number;
}

export const DEFAULT_ENGINE: EngineOptions = { lookbackMs: 300_000, maxSeries: 100_000, maxSamples: 50_000_000, subqueryStepMs: 60_000 };

/** What one query carries through all of its parts. */
export class Evaluation {
  readonly turns: Turns;
  #samples = 0;

  constructor(
    readonly reader: SeriesReader,
    readonly context: ReadContext,
    readonly options: EngineOptions,
    readonly annotations: Annotations,
    /** Of the whole query, for `@ start()`, `@ end()`, `start()`, `end()`. */
    readonly startMs: number,
    readonly endMs: number,
    readonly stepMs: number,
  ) {
    this.turns = new Turns(context.signal);
  }

  get instant(): boolean {
    return this.startMs === this.endMs;
  }

  get samplesHeld(): number {
    return this.#samples;
  }

  get samplesLeft(): number {
    return this.options.maxSamples - this.#samples;
  }

  /** Counts samples that a query holds. Throws where they become too many. */
  hold(samples: number): void {
    this.#samples += samples;
    if (this.#samples > this.options.maxSamples) throw tooManySamples();
  }
}

export function tooManySamples(): PromQLExecutionError {
  return new PromQLExecutionError('query processing would load too many samples into memory in query execution; narrow the query or raise query.max_samples');
}
