import { withRoom } from '../growing-array.js';
import type { DecisionReason } from '../records/decision-reason.js';
import { TraceIndex } from '../trace-index.js';
import type { TraceKey } from '../trace-key.js';

export interface CachedDecision {
  readonly reason: DecisionReason;
  /** Of the trace when it was decided. */
  readonly spans: number;
  readonly durationMs: number;
  /** Unix time. */
  readonly decidedMs: number;
}

/** Decisions of one kind: so many, those not asked for longest go first. They are told by entries of the index, in a chain from the oldest on. */
export class RememberedDecisions {
  readonly index = new TraceIndex();
  readonly #reasons: DecisionReason[] = [];
  #spans = new Float64Array(0);
  #durationMs = new Float64Array(0);
  #decidedMs = new Float64Array(0);
  /** Neighbours in the chain; -1 at its ends. */
  #older = new Int32Array(0);
  #newer = new Int32Array(0);
  #oldest = -1;
  #newest = -1;

  constructor(private readonly size: number) {}

  /** -1 where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The entry behind; -1 at the end. */
  newer(entry: number): number {
    return this.#newer[entry];
  }

  decision(entry: number): CachedDecision {
    return { reason: this.#reasons[entry], spans: this.#spans[entry], durationMs: this.#durationMs[entry], decidedMs: this.#decidedMs[entry] };
  }

  reasonOf(entry: number): DecisionReason {
    return this.#reasons[entry];
  }

  /** Its key is not in it. */
  add(key: TraceKey, reason: DecisionReason, spans: number, durationMs: number, decidedMs: number): void {
    if (this.size < 1) return;
    const entry = this.index.size < this.size ? this.#begin(this.index.size) : this.#letGo();
    this.index.add(key, entry);
    this.#reasons[entry] = reason;
    this.#spans[entry] = spans;
    this.#durationMs[entry] = durationMs;
    this.#decidedMs[entry] = decidedMs;
    this.#append(entry);
  }

  /** It was asked for: it goes last. */
  touch(entry: number): void {
    this.#unlink(entry);
    this.#append(entry);
  }

  /** Into 20 bytes: spans u32, duration in ms f64, Unix time of the decision in ms f64; little-endian. */
  writeNumbers(entry: number, to: Buffer, at: number): void {
    to.writeUInt32LE(this.#spans[entry], at);
    to.writeDoubleLE(this.#durationMs[entry], at + 4);
    to.writeDoubleLE(this.#decidedMs[entry], at + 12);
  }

  clear(): void {
    this.index.clear();
    this.#oldest = this.#newest = -1;
  }

  #begin(entry: number): number {
    this.#spans = withRoom(this.#spans, entry);
    this.#durationMs = withRoom(this.#durationMs, entry);
    this.#decidedMs = withRoom(this.#decidedMs, entry);
    this.#older = withRoom(this.#older, entry);
    this.#newer = withRoom(this.#newer, entry);
    return entry;
  }

  #letGo(): number {
    const entry = this.#oldest;
    this.index.remove(entry);
    this.#unlink(entry);
    return entry;
  }

  #append(entry: number): void {
    this.#older[entry] = this.#newest;
    this.#newer[entry] = -1;
    if (this.#newest < 0) this.#oldest = entry;
    else this.#newer[this.#newest] = entry;
    this.#newest = entry;
  }

  #unlink(entry: number): void {
    const older = this.#older[entry];
    const newer = this.#newer[entry];
    if (older < 0) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer < 0) this.#newest = older;
    else this.#older[newer] = older;
  }
}

/** What was decided lately, for spans that come late. */
export class DecisionCache {
  readonly #sampled: RememberedDecisions;
  readonly #notSampled: RememberedDecisions;

  /** `key`: the one by which all are added and asked for. */
  constructor({ sampledCacheSize, notSampledCacheSize }: { readonly sampledCacheSize: number; readonly notSampledCacheSize: number }, readonly key: TraceKey) {
    this.#sampled = new RememberedDecisions(sampledCacheSize);
    this.#notSampled = new RememberedDecisions(notSampledCacheSize);
  }

  get size(): number {
    return this.#sampled.index.size + this.#notSampled.index.size;
  }

  /** Of each kind, what goes first comes first. */
  get kinds(): readonly RememberedDecisions[] {
    return [this.#sampled, this.#notSampled];
  }

  /** The first decision about what `key` names stands. */
  remember(reason: DecisionReason, spans: number, durationMs: number, decidedMs: number): void {
    const { key } = this;
    if (this.#sampled.index.find(key) >= 0 || this.#notSampled.index.find(key) >= 0) return;
    (reason.sampled ? this.#sampled : this.#notSampled).add(key, reason, spans, durationMs, decidedMs);
  }

  /** About what `key` names. */
  get(): CachedDecision | null {
    return found(this.#notSampled, this.key) ?? found(this.#sampled, this.key);
  }

  clear(): void {
    this.#sampled.clear();
    this.#notSampled.clear();
  }
}

function found(kind: RememberedDecisions, key: TraceKey): CachedDecision | null {
  const entry = kind.index.find(key);
  if (entry < 0) return null;
  kind.touch(entry);
  return kind.decision(entry);
}
