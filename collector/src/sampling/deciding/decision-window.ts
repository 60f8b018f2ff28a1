import type { FrameHeader } from '@signalbox/journal/frame';
import { DecisionCache, type CachedDecision } from './decision-cache.js';
import { DecisionReasons } from '../records/decision-reason.js';
import { MAX_RECORDS } from '../records/decision-frames.js';
import type { DecidedList } from '../records/decided-list.js';
import type { ToldDecision } from '../records/decision-record.js';
import { DecisionTable } from '../following/decision-table.js';
import { DecisionRecords, DecisionWords } from '../records/decision-writer.js';
import type { SamplingMeter } from './sampling-meter.js';
import type { TraceFacts } from '../trace-facts.js';
import { TraceKey } from '../trace-key.js';
import type { TraceLookup, TraceSampler } from '../trace-sampler.js';
import { UndecidedTraces } from './undecided-traces.js';

interface Late {
  readonly tenant: string;
  readonly id: string;
  readonly sampled: boolean;
  readonly policy: string;
  readonly from: number;
  to: number;
}

/** Where a frame's spans belong; one object for all frames. */
class FrameLookup implements TraceLookup {
  tenant = '';
  position = 0;
  nowMs = 0;
  receivedMs = 0;
  newTraces = 0;

  constructor(private readonly find: (bytes: Buffer, at: number, frame: FrameLookup) => TraceFacts | null) {}

  byBytes(bytes: Buffer, at: number): TraceFacts | null {
    return this.find(bytes, at, this);
  }

  byHex(id: string): TraceFacts | null {
    return this.find(Buffer.from(id, 'hex'), 0, this);
  }
}

/**
 * The traces that are not decided, and what was decided of late. Decisions go out as records; those that the journal has already
 * (`known`, after a restart) are followed and not made again.
 */
export class DecisionWindow {
  /** The trace that is looked for. */
  readonly #key = new TraceKey();
  /** What the journal says about frames that are read again. */
  readonly known = new DecisionTable(this.#key);
  readonly #undecided = new UndecidedTraces();
  /** For spans that come late. */
  readonly cache: DecisionCache;
  readonly #reasons = new DecisionReasons();
  readonly #lookup = new FrameLookup((bytes, at, frame) => this.#find(bytes, at, frame));
  #late = new Map<string, Late>();
  readonly #words = new DecisionWords();
  #records = new Map<string, DecisionRecords>();
  #count = 0;

  constructor(private readonly sampler: TraceSampler, private readonly meter: SamplingMeter) {
    this.cache = new DecisionCache(sampler.settings, this.#key);
  }

  get size(): number {
    return this.#undecided.size;
  }

  /** Position of the first frame with an undecided trace. */
  get oldestPosition(): number | null {
    return this.#undecided.oldest?.from ?? null;
  }

  /** Records that wait to be taken. */
  get pending(): number {
    return this.#count + this.#late.size;
  }

  /** Hands the lookup for a frame's spans to `observe`. */
  frame({ tenant, position, receivedNs }: FrameHeader, nowMs: number, observe: (traces: TraceLookup) => void): void {
    this.known.forget(position);
    Object.assign(this.#lookup, { tenant, position, nowMs, receivedMs: Number(receivedNs / 1_000_000n), newTraces: 0 });
    try {
      observe(this.#lookup);
    } finally {
      this.meter.newTraces(this.#lookup.newTraces);
    }
  }

  /** Decisions that the journal has. */
  follow(tenant: string, list: DecidedList, told: readonly ToldDecision[]): void {
    this.known.add(tenant, list);
    for (const { id, reason, ...numbers } of told) this.remember(tenant, Buffer.from(id, 'latin1'), 0, { ...numbers, reason: this.#reasons.of(reason, reason.early) });
  }

  /** A decision for spans that come late; the id's 16 bytes begin at `at`. */
  remember(tenant: string, bytes: Buffer, at: number, { reason, spans, durationMs, decidedMs }: CachedDecision): void {
    this.#key.read(tenant, bytes, at);
    this.cache.remember(reason, spans, durationMs, decidedMs);
  }

  /** Decides what has waited long enough, and the oldest of what is too many. */
  decide(nowMs: number, timeNs: () => bigint): void {
    const { decisionWaitMs, maxTraces } = this.sampler.settings;
    let decidedNs = 0n;
    let decidedMs = 0;
    for (let trace = this.#undecided.oldest; trace !== null; trace = this.#undecided.oldest) {
      const due = trace.firstMs + decisionWaitMs <= nowMs;
      if (!due && this.#undecided.size <= maxTraces) return;
      if (decidedNs === 0n) {
        decidedNs = timeNs();
        decidedMs = Number(decidedNs / 1_000_000n);
      }
      const reason = this.#reasons.of(this.sampler.decide(trace, nowMs), !due);
      const { tenant, id, from, to, spans, durationMs } = trace;
      this.meter.decided(reason);
      this.#undecided.shift(this.#key);
      this.cache.remember(reason, spans, durationMs, decidedMs);
      this.#recordsOf(tenant).decided({ id, from, to, spans, durationMs }, reason, decidedNs);
      this.#count++;
    }
  }

  /** Takes the records since the last time, by tenant. */
  take(timeNs: bigint): ReadonlyMap<string, DecisionRecords> {
    for (const late of this.#late.values()) this.#recordsOf(late.tenant).late(late, late.policy, timeNs);
    this.#late = new Map();
    const records = this.#records;
    this.#records = new Map();
    this.#count = 0;
    return records;
  }

  #find(bytes: Buffer, at: number, { tenant, position, nowMs, receivedMs }: FrameLookup): TraceFacts | null {
    const key = this.#key.read(tenant, bytes, at);
    const trace = this.#undecided.get(key);
    if (trace) {
      trace.to = position;
      return trace;
    }
    if (this.known.size > 0 && this.known.sampled(position) !== null) return null;
    const decided = this.cache.get();
    const id = bytes.toString('latin1', at, at + 16);
    // A decision may be forgotten while late spans that follow it are gathered.
    if ((decided || this.#late.size > 0) && this.#findLate(tenant, id, position, decided, receivedMs)) return null;
    this.#lookup.newTraces++;
    return this.#undecided.add(key, tenant, id, position, nowMs);
  }

  /** Counts a frame to the late spans of a trace; false where there is no decision that they would follow. */
  #findLate(tenant: string, id: string, position: number, decided: CachedDecision | null, receivedMs: number): boolean {
    const name = id + tenant;
    const late = this.#late.get(name);
    if (late) {
      late.to = position;
      return true;
    }
    if (!decided) return false;
    const { sampled, policy } = decided.reason;
    this.meter.late(sampled, receivedMs - decided.decidedMs);
    this.#late.set(name, { tenant, id, sampled, policy, from: position, to: position });
    return true;
  }

  #recordsOf(tenant: string): DecisionRecords {
    let records = this.#records.get(tenant);
    if (!records) this.#records.set(tenant, (records = new DecisionRecords(this.#words, MAX_RECORDS)));
    return records;
  }
}
