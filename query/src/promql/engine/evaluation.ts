import type { Matcher, ReadContext, SeriesReader } from '../../readers.js';
import { Turns } from '../../event-loop.js';
import type { Annotations } from '../annotations.js';
import type { Duration, Expr } from '../ast.js';
import type { DurationContext } from '../durations/duration-expression.js';
import { durationMs } from '../durations/duration-expression.js';
import { PromQLExecutionError } from '../error.js';
import type { SampleCounts } from './sample-counts.js';

export interface EngineOptions {
  /** How far a sample counts as current. */
  readonly lookbackMs: number;
  readonly maxSeries: number;
  readonly maxSamples: number;
  /** Bytes that a query may take for what it reads, computes and answers. */
  readonly maxMemoryBytes: number;
  /** Step of a subquery that names none. */
  readonly subqueryStepMs: number;
}

export const DEFAULT_ENGINE: EngineOptions = { lookbackMs: 300_000, maxSeries: 100_000, maxSamples: 50_000_000, maxMemoryBytes: 1024 ** 3, subqueryStepMs: 60_000 };

/** What a histogram counts for among the samples that a query may hold, beside itself: Prometheus goes by its size too. */
export const HISTOGRAM_SAMPLES = 10;

/** Of a sample with its time. Bytes. */
const SAMPLE_BYTES = 16;

/** About what a native histogram takes. Bytes. */
const HISTOGRAM_BYTES = 600;

/** A series at all steps: a value and whether it is there, and about as much for its labels. Bytes. */
const STEP_BYTES = 9;
const SERIES_BYTES = 300;

/** One read of series, for `explain`. Times in milliseconds, both inclusive. */
export interface SeriesRead {
  readonly matchers: readonly Matcher[];
  readonly startMs: number;
  readonly endMs: number;
  readonly series: number;
  readonly samples: number;
}

/** What one query carries through all of its parts. */
export class Evaluation {
  readonly turns: Turns;
  readonly reads: SeriesRead[] = [];
  /** Where samples are to be counted by step. */
  counts: SampleCounts | null = null;
  /** Within a function that looks at counts and sums of histograms alone. */
  countsAlone = false;
  #needsBuckets = false;
  #inParameter = false;
  #samples = 0;
  #peak = 0;
  #bytes = 0;

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

  /** Whether resets of counters are told: where counts and sums alone are looked at, but not around or within what needs whole histograms. */
  get tellsResets(): boolean {
    return this.countsAlone && !this.#needsBuckets;
  }

  /** Evaluates what whole histograms are needed for. */
  async withBuckets<T>(work: () => Promise<T>): Promise<T> {
    const outside = this.#needsBuckets;
    this.#needsBuckets = true;
    try {
      return await work();
    } finally {
      this.#needsBuckets = outside;
    }
  }

  /** Within an aggregation's parameter, which Prometheus takes as it stands: `@ start()` and `@ end()` mean nothing in it, and nothing is evaluated once. */
  get inParameter(): boolean {
    return this.#inParameter;
  }

  async withParameter<T>(work: () => Promise<T>): Promise<T> {
    const outside = this.#inParameter;
    this.#inParameter = true;
    try {
      return await work();
    } finally {
      this.#inParameter = outside;
    }
  }

  get instant(): boolean {
    return this.startMs === this.endMs;
  }

  get samplesHeld(): number {
    return this.#samples;
  }

  get samplesPeak(): number {
    return this.#peak;
  }

  get samplesLeft(): number {
    return this.options.maxSamples - this.#samples;
  }

  get bytesLeft(): number {
    return this.options.maxMemoryBytes - this.#bytes;
  }

  /** Counts samples that were read. Throws where they become too many. */
  holdRead(samples: number, histograms: number): void {
    this.#hold(samples + histograms * HISTOGRAM_SAMPLES, SERIES_BYTES + samples * SAMPLE_BYTES + histograms * HISTOGRAM_BYTES);
  }

  /** Counts a series at all steps of a grid. Throws where they become too many. */
  holdSteps(steps: number, withHistograms: boolean): void {
    this.#hold(withHistograms ? steps * (1 + HISTOGRAM_SAMPLES) : steps, SERIES_BYTES + steps * STEP_BYTES);
  }

  #hold(samples: number, bytes: number): void {
    this.#samples += samples;
    this.#bytes += bytes;
    this.#peak = Math.max(this.#peak, this.#samples);
    if (this.#samples > this.options.maxSamples) throw tooManySamples();
    if (this.#bytes > this.options.maxMemoryBytes) throw tooMuchMemory();
  }

  noteRead(read: SeriesRead): void {
    this.reads.push(read);
  }

  /** Durations are looked at before anything is read. Throws PromQLDurationError. */
  checkDurations(expr: Expr): void {
    const pending: Expr[] = [expr];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      switch (node.kind) {
        case 'selector': this.offsetMs(node.offsetMs); break;
        case 'matrix':
          this.durationMs(node.rangeMs);
          pending.push(node.selector);
          break;
        case 'subquery':
          this.offsetMs(node.offsetMs);
          if (node.stepMs !== null) this.durationMs(node.stepMs);
          this.durationMs(node.rangeMs);
          pending.push(node.inner);
          break;
        case 'aggregate':
          pending.push(node.inner);
          if (node.param !== null) pending.push(node.param);
          break;
        case 'paren':
        case 'unary': pending.push(node.inner); break;
        case 'binary': pending.push(node.right, node.left); break;
        case 'call': pending.push(...[...node.args].reverse()); break;
        default:
      }
    }
  }

  /** The duration of a range or step, of which `step()` and `range()` may be part. */
  durationMs(duration: Duration): number {
    return durationMs(duration, this.#durationContext, false);
  }

  /** Of an offset, which may be negative. */
  offsetMs(duration: Duration): number {
    return durationMs(duration, this.#durationContext, true);
  }

  get #durationContext(): DurationContext {
    return { stepMs: this.instant ? 0 : this.stepMs, rangeMs: this.endMs - this.startMs, query: this.annotations.query };
  }
}

export function tooManySamples(): PromQLExecutionError {
  return new PromQLExecutionError(`${TOO_MUCH} query.max_samples`);
}

export function tooMuchMemory(): PromQLExecutionError {
  return new PromQLExecutionError(`${TOO_MUCH} query.max_memory`);
}

const TOO_MUCH = 'query processing would load too many samples into memory in query execution; narrow the query or raise';
