import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import type { HeaderTrail } from '@signalbox/journal/header-trail';
import { ReadSpace } from '@signalbox/journal/read-space';
import type { ReadOptions, ReadResult } from '@signalbox/journal/reader';
import type { Logger, Metrics } from '../component.js';
import { pause } from '../delivery/sending/pause.js';
import type { DecisionNews } from './following/decision-news.js';
import { DecisionFollower, type FollowedSampling } from './following/decision-follower.js';
import type { ReadableJournal } from './readable-journal.js';
import { sampleFrame } from './sampled-frame.js';

/** Who waits for decisions of another process looks so often: they come some at a time. */
const LOOK_EVERY_MS = 200;

/** Where news tell of decisions, they are looked for now and then all the same. */
const LOOK_WITH_NEWS_MS = 1000;

/** A pipeline with tail sampling, for one who reads its frames. */
export interface SampledPipeline extends FollowedSampling {
  /** Ids of the receivers and connectors whose traces it takes. */
  readonly origins: readonly string[];
  /** Where they are decided in this process. */
  readonly news?: DecisionNews;
}

interface Gate {
  readonly pipeline: SampledPipeline;
  readonly follower: DecisionFollower;
  /** Of its news, when decisions were read last; and when that was. */
  known: number;
  lookedMs: number;
}

interface Stop {
  readonly gate: Gate;
  readonly position: number;
}

export interface SampledJournalOptions {
  /** Reads the frames. */
  readonly journal: ReadableJournal;
  /** Reads the decisions, further ahead. */
  readonly decisions: ReadableJournal;
  readonly pipelines: readonly SampledPipeline[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * The journal as the readers of pipelines with tail sampling see it: it ends before the first frame with a trace that is not decided, and
 * frames come without the spans of traces that were decided against. Decisions are read from the journal too, so every reader, however
 * late, keeps the same traces.
 *
 *   journal  ──spans──▶ (undecided? stop) ──▶ (take out) ──▶ reader
 *      └─────decisions──────┘
 */
export class SampledJournal implements ReadableJournal {
  readonly dir: string;
  readonly id: string;
  readonly trail: HeaderTrail;
  readonly #options: SampledJournalOptions;
  readonly #gates: readonly Gate[];
  readonly #space = new ReadSpace();
  #stopped: Stop | null = null;

  constructor(options: SampledJournalOptions) {
    this.#options = options;
    this.dir = options.journal.dir;
    this.id = options.journal.id;
    this.trail = options.journal.trail;
    this.#gates = options.pipelines.map((pipeline) => ({ pipeline, follower: new DecisionFollower(options.decisions, pipeline, options.logger), known: 0, lookedMs: 0 }));
  }

  durable(): number {
    return this.#options.journal.durable();
  }

  /** Position of the frame that it waits for a decision about; null when nothing stands in the way. */
  get stoppedAt(): number | null {
    return this.#stopped?.position ?? null;
  }

  async read(from: number, options: ReadOptions): Promise<ReadResult> {
    if (this.#waits(from)) return { frames: [], next: from, evicted: [] };
    for (const gate of this.#gates) {
      gate.known = gate.pipeline.news?.count ?? 0;
      gate.lookedMs = performance.now();
      await gate.follower.follow(from);
    }
    if (this.#stopped?.position === from && from >= this.#stopped.gate.follower.decidedBefore) return { frames: [], next: from, evicted: [] };
    let stopped: Stop | null = null;
    const stopsAt = (header: FrameHeader): boolean => {
      const gate = this.#gateOf(header);
      if (gate === undefined || header.position < gate.follower.decidedBefore) return options.stopsAt?.(header) === true;
      stopped = { gate, position: header.position };
      return true;
    };
    const result = await this.#options.journal.read(from, { ...options, stopsAt, space: this.#space, aheadTo: Math.min(...this.#gates.map(({ follower }) => follower.decidedBefore)) });
    this.#stopped = stopped;
    return { ...result, frames: result.frames.map((frame) => this.#sampled(frame)) };
  }

  async wait(after: number, signal: AbortSignal, timeoutMs: number): Promise<void> {
    if (this.#stopped === null || after < this.#stopped.position) return this.#options.journal.wait(after, signal, timeoutMs);
    const { pipeline: { news }, known } = this.#stopped.gate;
    if (news) await news.wait(known, signal, timeoutMs);
    else await pause(Math.min(LOOK_EVERY_MS, timeoutMs), signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#options.journal.close(), this.#options.decisions.close()]);
  }

  /** Whether there cannot be a decision yet about the frame that it stopped at. */
  #waits(from: number): boolean {
    if (this.#stopped === null || this.#stopped.position !== from) return false;
    const { pipeline: { news }, known, lookedMs } = this.#stopped.gate;
    return news !== undefined && news.count === known && performance.now() - lookedMs < LOOK_WITH_NEWS_MS;
  }

  #gateOf({ signal, origin }: FrameHeader): Gate | undefined {
    return signal === 'traces' ? this.#gates.find(({ pipeline }) => origin === '' || pipeline.origins.includes(origin)) : undefined;
  }

  #sampled(frame: Frame): Frame {
    const gate = this.#gateOf(frame);
    if (!gate) return { ...frame, payload: Buffer.from(frame.payload) };
    const { pipeline, follower } = gate;
    const { table } = follower;
    return sampleFrame(frame, pipeline.pipeline, (bytes, at) => {
      table.key.read(frame.tenant, bytes, at);
      const sampled = table.sampled(frame.position);
      // A processor in front dropped its spans, or the decision cannot be read: nothing is lost for that.
      if (sampled === null) this.#options.metrics.count('signalbox_tail_sampling_spans_without_decision', { pipeline: pipeline.pipeline }, 1);
      return sampled ?? true;
    });
  }
}
