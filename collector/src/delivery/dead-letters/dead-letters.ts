import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import type { Batch, BatchPart, Clock } from '../../component.js';
import { encodeRequest } from '../../exporters/otlp/encode.js';
import { mergedData } from '../../exporters/otlp/merge.js';
import type { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { deadLetterBytes, deadLettersDir, onDisk, writeDeadLetter, type DeadItem, type DeadLetter } from './dead-letters-file.js';
import { selectItems } from '../reading/select.js';

export interface DeadLettersOptions {
  readonly dataDir: string;
  readonly exporter: string;
  readonly journalId: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: RateLimitedLog;
}

interface Rejection {
  readonly item: number;
  readonly reason: string;
}

const ITEMS_PER_LETTER = 200;
const MAX_REASON_CHARACTERS = 1000;
/** A sentence of the destination's behind a word. A word alone is the exporter's own: an item that has no counterpart there, and would have none again. */
const SENTENCE = /\s/;

/** Keeps what a destination refused for good, until somebody looks at it: at most so many bytes for each exporter. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #dir: string;
  #bytes: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#dir = deadLettersDir(options.dataDir, options.exporter);
  }

  /** Answers the items of the batch that are kept on disk now; the others did not fit, or need not be kept. Never rejects. */
  keep(batch: Batch, rejected: readonly Rejection[]): Promise<ReadonlySet<number>> {
    const worth = rejected.filter(({ reason }) => SENTENCE.test(reason)).sort((a, b) => a.item - b.item);
    if (worth.length === 0) return Promise.resolve(new Set());
    // One after the other: what is left of the bytes must not be given away twice.
    const kept = this.#turn.then(() => this.#keep(batch, worth));
    this.#turn = kept;
    return kept;
  }

  async #keep(batch: Batch, rejected: readonly Rejection[]): Promise<ReadonlySet<number>> {
    const { log, clock, maxBytes } = this.#options;
    const kept = new Set<number>();
    try {
      for (const some of lettersOf(batch, rejected)) {
        const nowMs = Number(clock.nowNs() / 1_000_000n);
        const text = JSON.stringify(this.#letter(batch, some, nowMs));
        if (!(await this.#fits(onDisk(Buffer.byteLength(text))))) {
          log.error('dead letters full', 'the dead letters of this exporter have reached dead_letters.max_bytes; what is refused now is dropped without being kept: look at them with `signalbox dead-letters list`, replay or purge them', { code: 'SBX_DEAD_LETTERS_FULL', maxBytes });
          break;
        }
        this.#bytes = (this.#bytes ?? 0) + (await writeDeadLetter(this.#dir, text, nowMs));
        for (const { item } of some) kept.add(item);
      }
    } catch (error) {
      log.error('dead letters', 'dead letters cannot be written; what is refused now is dropped without being kept', { code: 'SBX_DEAD_LETTERS_WRITE', dir: this.#dir, error });
    }
    return kept;
  }

  /** Counts again before it says no: letters may have been replayed or purged meanwhile. */
  async #fits(bytes: number): Promise<boolean> {
    const { maxBytes } = this.#options;
    if (this.#bytes !== null && this.#bytes + bytes <= maxBytes) return true;
    this.#bytes = await deadLetterBytes(this.#dir);
    return this.#bytes + bytes <= maxBytes;
  }

  #letter(batch: Batch, rejected: readonly Rejection[], nowMs: number): DeadLetter {
    const chosen = selectItems(batch, rejected.map(({ item }) => item));
    const reasons = rejected.map(({ reason }) => reason.slice(0, MAX_REASON_CHARACTERS));
    const items: DeadItem[] = [];
    for (const { position, ordinals } of chosen.parts) {
      for (const ordinal of ordinals) items.push({ id: `${this.#options.journalId}:${position}:${ordinal}`, reason: reasons[items.length] ?? '' });
    }
    const samples = samplesOf(chosen);
    return {
      version: 1, time: new Date(nowMs).toISOString(), exporter: this.#options.exporter, tenant: batch.tenant, signal: batch.signal, items,
      otlp: Buffer.from(encodeRequest(mergedData(chosen))).toString('base64'),
      ...(samples === null ? {} : { samples: Buffer.from(encodeWriteV2(samples)).toString('base64') }),
    };
  }
}

/** The items of each letter: so many at most, and Prometheus samples apart from what came as OTLP. */
function* lettersOf({ parts }: Batch, rejected: readonly Rejection[]): Generator<readonly Rejection[]> {
  const [samples, others]: [Rejection[], Rejection[]] = [[], []];
  let part = 0;
  let end = parts[0]?.items ?? 0;
  for (const rejection of rejected) {
    while (rejection.item >= end && part + 1 < parts.length) end += parts[++part]!.items;
    (writeOf(parts[part]) === null ? others : samples).push(rejection);
  }
  for (const group of [others, samples]) {
    for (let from = 0; from < group.length; from += ITEMS_PER_LETTER) yield group.slice(from, from + ITEMS_PER_LETTER);
  }
}

/** The samples of a batch as one write; null where it holds others too. */
function samplesOf({ parts }: Batch): WriteRequest | null {
  const writes = parts.map(writeOf);
  return writes.every((write) => write !== null) ? { series: writes.flatMap(({ series }) => series) } : null;
}

function writeOf(part: BatchPart | undefined): WriteRequest | null {
  return part?.data.signal === 'metrics' ? (part.data.prometheus ?? null) : null;
}
