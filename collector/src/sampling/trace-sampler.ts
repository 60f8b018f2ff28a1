import type { Frame } from '@signalbox/journal/frame';
import type { BatchPart } from '../component.js';
import type { TraceFacts } from './trace-facts.js';

/** What one policy says of a trace. */
export type PolicyVerdict = 'sampled' | 'not_sampled' | 'dropped';

export interface TraceDecision {
  readonly sampled: boolean;
  /** The policy that settled it; '' where none wanted the trace. */
  readonly policy: string;
  /** Every policy that was asked, in order. */
  readonly verdicts: readonly { readonly policy: string; readonly verdict: PolicyVerdict }[];
}

export interface SamplingSettings {
  /** After a trace's first span. */
  readonly decisionWaitMs: number;
  /** Undecided traces at most; beyond that the oldest is decided early. */
  readonly maxTraces: number;
  /** Decisions that are remembered for late spans. */
  readonly sampledCacheSize: number;
  readonly notSampledCacheSize: number;
}

/** Finds the undecided trace of a span; null where the trace is decided. Counts the span's frame to it. */
export interface TraceLookup {
  /** The id's 16 bytes begin at `at`. */
  byBytes(bytes: Buffer, at: number): TraceFacts | null;
  /** 32 lowercase hex digits. */
  byHex(id: string): TraceFacts | null;
}

/** Gathers what its policies need to know of traces, and decides. */
export interface TraceSampler {
  readonly settings: SamplingSettings;
  /** Whether it needs the spans decoded. */
  readonly needsModel: boolean;
  /** @throws OtlpError when the payload is malformed: what came before it is counted */
  observe(frame: Frame, traces: TraceLookup): void;
  observeModel(part: BatchPart, traces: TraceLookup): void;
  /** `nowMs` on the journal's clock. */
  decide(trace: TraceFacts, nowMs: number): TraceDecision;
}
