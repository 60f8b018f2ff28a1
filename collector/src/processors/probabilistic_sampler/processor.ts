import { attributeText } from '@signalbox/signals/model/attribute-text';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Span } from '@signalbox/signals/model/span';
import type { Batch, Processor } from '../../component.js';
import { entryValue, withEntry, withoutEntry } from '../../ottl/paths/nested.js';
import { processParts, type Dropped, type ProcessResult } from '../editing/dropped.js';
import { editData } from '../editing/items.js';
import type { ProbabilisticSamplerConfig } from './config.js';
import { decide, modeFor, thresholdRule, type Sampling } from './decision.js';
import { ALWAYS, hashedRandomness, parseRandomness, parseThreshold, thresholdOf, thresholdText, type Hex56 } from './threshold.js';
import { readTraceState, writeTraceState } from './trace-state.js';

const SAMPLED_OUT = 'sampled_out';
const SAMPLING_ERROR = 'sampling_error';
const THRESHOLD = 'sampling.threshold';
const RANDOMNESS = 'sampling.randomness';

/** Passes a share of spans and log records, the same ones wherever their trace is asked about, and notes the share on them. */
export class ProbabilisticSampler implements Processor {
  readonly #config: ProbabilisticSamplerConfig;
  readonly #spanHashed: boolean;
  readonly #logHashed: boolean;
  readonly #spanRule: ReturnType<typeof thresholdRule>;
  readonly #logRule: ReturnType<typeof thresholdRule>;

  constructor(config: ProbabilisticSamplerConfig) {
    this.#config = config;
    this.#spanHashed = modeFor(config, 'traces') === 'hash_seed';
    this.#logHashed = modeFor(config, 'logs') === 'hash_seed';
    this.#spanRule = thresholdRule(config, modeFor(config, 'traces'));
    this.#logRule = thresholdRule(config, modeFor(config, 'logs'));
  }

  process(batch: Batch): ProcessResult {
    return processParts(batch, (data, dropped) => {
      let item = 0;
      return editData(data, { span: (span) => this.#span(span, dropped, item++), log: (log) => this.#log(log, dropped, item++) });
    });
  }

  #span(span: Span, dropped: Dropped, item: number): Span {
    const state = readTraceState(span.traceState);
    const hashed = this.#spanHashed;
    // Hashing does not go together with sampling that others have noted.
    const taken = hashed && state !== null && (state.randomness !== null || state.threshold !== null);
    const own = hashed ? hashedRandomness(Buffer.from(span.traceId || '0'.repeat(32), 'hex'), this.#config.hash_seed) : span.traceId === '' ? null : span.traceId.slice(18);
    const randomness = hashed ? own : (state?.randomness ?? own);
    const decision = decide(state === null || taken ? null : { threshold: state.threshold, randomness }, this.#spanRule, spanPriority(entryValue(span.attributes, 'sampling.priority')), this.#config.fail_closed);
    if (!decision.sampled) {
      dropped.drop(item, decision.error ? SAMPLING_ERROR : SAMPLED_OUT);
      return span;
    }
    if (state === null || taken) return span;
    const traceState = writeTraceState({ ...state, threshold: decision.threshold, randomness: hashed ? randomness : state.randomness });
    return traceState === span.traceState ? span : { ...span, traceState };
  }

  #log(log: LogRecord, dropped: Dropped, item: number): LogRecord {
    const arriving = arrivingOf(log);
    const hashed = this.#logHashed;
    const taken = hashed && arriving !== null && (arriving.randomness !== null || arriving.threshold !== null);
    const derived = this.#logRandomness(log);
    const randomness = hashed ? derived : (arriving?.randomness ?? derived);
    const decision = decide(arriving === null || taken ? null : { threshold: arriving.threshold, randomness }, this.#logRule, this.#logPriority(log), this.#config.fail_closed);
    if (!decision.sampled) {
      dropped.drop(item, decision.error ? SAMPLING_ERROR : SAMPLED_OUT);
      return log;
    }
    if (arriving === null || taken) return log;
    let attributes = decision.threshold === null ? withoutEntry(log.attributes, THRESHOLD) : withEntry(log.attributes, THRESHOLD, thresholdText(decision.threshold));
    // What does not follow from the trace id is noted, so that the next sampler decides alike.
    if (randomness !== null && (hashed || log.traceId === '')) attributes = withEntry(attributes, RANDOMNESS, randomness);
    return attributes === log.attributes ? log : { ...log, attributes };
  }

  #logRandomness(log: LogRecord): Hex56 | null {
    const { attribute_source, from_attribute, hash_seed } = this.#config;
    if (attribute_source === 'traceID' && log.traceId !== '') return this.#logHashed ? hashedRandomness(Buffer.from(log.traceId, 'hex'), hash_seed) : log.traceId.slice(18);
    const value = from_attribute === '' ? null : entryValue(log.attributes, from_attribute);
    return value === null ? null : hashedRandomness(value instanceof Uint8Array ? value : Buffer.from(attributeText(value)), hash_seed);
  }

  #logPriority(log: LogRecord): Hex56 | 'never' | null {
    const { sampling_priority, sampling_precision } = this.#config;
    const percentage = sampling_priority === '' ? null : numberOf(entryValue(log.attributes, sampling_priority));
    if (percentage === null || percentage < 0) return null;
    return percentage === 0 ? 'never' : (thresholdOf(percentage / 100, sampling_precision) ?? 'never');
  }
}

/** Null where the attributes hold no threshold or randomness that can be read. */
function arrivingOf({ attributes }: LogRecord): Sampling | null {
  const th = entryValue(attributes, THRESHOLD);
  const rv = entryValue(attributes, RANDOMNESS);
  const threshold = typeof th === 'string' ? parseThreshold(th) : null;
  const randomness = typeof rv === 'string' ? parseRandomness(rv) : null;
  return (th !== null && threshold === null) || (rv !== null && randomness === null) ? null : { threshold, randomness };
}

function spanPriority(value: AnyValue): Hex56 | 'never' | null {
  if (value === null) return null;
  const priority = numberOf(value);
  return priority === null ? null : priority > 0 ? ALWAYS : 'never';
}

function numberOf(value: AnyValue): number | null {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isNaN(number) ? null : number;
}
