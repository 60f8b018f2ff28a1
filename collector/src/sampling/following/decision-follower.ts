import type { FrameHeader } from '@signalbox/journal/frame';
import { ReadSpace } from '@signalbox/journal/read-space';
import type { ReadableJournal } from '../readable-journal.js';
import type { Logger } from '../../component.js';
import { DecidedList } from '../records/decided-list.js';
import { batchIdPrefix, listDecisions, readToldDecisions, type ToldDecision } from '../records/decision-record.js';
import { DecisionTable } from './decision-table.js';

/** At once; what lies between the decisions is skipped then instead of read. */
const READ_BYTES = 64 << 10;

export interface FollowedSampling {
  readonly pipeline: string;
  /** Id of the sampler: the origin of its decisions. */
  readonly sampler: string;
}

/** Reads a pipeline's decisions from the journal, a little ahead of who reads the spans. */
export class DecisionFollower {
  readonly table = new DecisionTable();
  readonly #prefix: string;
  readonly #space = new ReadSpace();
  readonly #list = new DecidedList();
  /** Decisions about what lies before are forgotten. */
  #from = Infinity;
  #at = 0;
  #decidedBefore = 0;

  constructor(private readonly journal: ReadableJournal, private readonly sampling: FollowedSampling, private readonly logger: Logger) {
    this.#prefix = batchIdPrefix(sampling.pipeline);
  }

  /** Spans before this position are decided, and the decisions about those from where it follows are in the table. */
  get decidedBefore(): number {
    return this.#decidedBefore;
  }

  /** How far it has read. */
  get position(): number {
    return this.#at;
  }

  /** Who reads is at `from`: goes on until the spans behind it are decided, or there are no more decisions yet. */
  async follow(from: number): Promise<void> {
    if (from < this.#from) this.#begin(from);
    this.#from = from;
    this.table.forget(from);
    while (this.#decidedBefore <= from && (await this.#step((tenant, payload) => this.#add(tenant, payload)))) { /* on */ }
  }

  /** Reads everything from `from` to the journal's end, whatever of it is decided. */
  async followAll(from: number, each: (tenant: string, list: DecidedList, told: readonly ToldDecision[]) => void): Promise<void> {
    this.#begin(from);
    const tell = (tenant: string, payload: Uint8Array): void => {
      const decidedBefore = listDecisions(payload, this.#list);
      each(tenant, this.#list, readToldDecisions(payload));
      this.#decidedBefore = Math.max(this.#decidedBefore, decidedBefore);
    };
    while (await this.#step(tell)) { /* on */ }
  }

  #add(tenant: string, payload: Uint8Array): void {
    const decidedBefore = listDecisions(payload, this.#list);
    this.table.add(tenant, this.#list);
    this.#decidedBefore = Math.max(this.#decidedBefore, decidedBefore);
  }

  #begin(from: number): void {
    this.table.clear();
    this.#from = this.#at = this.#decidedBefore = from;
  }

  /** False when there is no more. */
  async #step(take: (tenant: string, payload: Uint8Array) => void): Promise<boolean> {
    const { frames, next } = await this.journal.read(this.#at, { maxBytes: READ_BYTES, wants: (header) => this.#isDecisions(header), space: this.#space });
    for (const { tenant, payload, position } of frames) {
      try {
        take(tenant, payload);
      } catch (error) {
        this.logger.error('a frame of sampling decisions cannot be read; the traces that it was about are kept', { code: 'SBX_SAMPLING_DECISIONS', position, pipeline: this.sampling.pipeline, error });
      }
    }
    const more = next > this.#at;
    this.#at = next;
    return more;
  }

  #isDecisions({ signal, origin, batchId }: FrameHeader): boolean {
    return signal === 'logs' && origin === this.sampling.sampler && batchId.startsWith(this.#prefix);
  }
}
