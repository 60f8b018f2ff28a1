import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import type { BatchPart } from '../../component.js';
import { isSampled } from '../../sampling/sampled-frame.js';
import { decodeFrame } from './decode.js';

/** Where a reader of the same journal is: it will come to every frame from there on. */
export interface CacheReader {
  readonly position: number;
  wants(header: FrameHeader): boolean;
  /** Whether it asks for the objects of a frame that it wants; always, where absent. */
  decodes?(header: FrameHeader): boolean;
  /** The pipeline whose tail sampling takes spans out of its frames; '' or none: whole frames. */
  readonly view?: string;
}

interface Entry {
  readonly part: BatchPart;
  readonly bytes: number;
  /** Readers that have yet to come. */
  waiting: number;
}

/** Frames decoded once for all readers of one process that are near each other. Bounded by payload bytes; the oldest go first. */
export class DecodeCache {
  readonly #readers: CacheReader[] = [];
  /** By position; of sampled frames by the pipeline that sampled them too. */
  readonly #entries = new Map<number | string, Entry>();
  #bytes = 0;

  constructor(readonly maxBytes = 8 * 2 ** 20) {}

  join(reader: CacheReader): void {
    this.#readers.push(reader);
  }

  leave(reader: CacheReader): void {
    const index = this.#readers.indexOf(reader);
    if (index >= 0) this.#readers.splice(index, 1);
  }

  /** For `by`, whose position is behind the frame already. @throws FrameUndecodable */
  decode(frame: Frame, by: CacheReader): BatchPart {
    const view = isSampled(frame) ? frame.sampling.pipeline : '';
    const key = view === '' ? frame.position : `${frame.position} ${view}`;
    const known = this.#entries.get(key);
    if (known) {
      if (--known.waiting <= 0) this.#drop(key, known);
      return known.part;
    }
    const part = decodeFrame(frame);
    const waiting = this.#readers.filter((reader) => reader !== by && reader.position <= frame.position && (view === '' || reader.view === view) && reader.wants(frame) && reader.decodes?.(frame) !== false).length;
    const bytes = frame.payload.length;
    if (waiting > 0 && bytes <= this.maxBytes) {
      for (const [position, oldest] of this.#entries) {
        if (this.#bytes + bytes <= this.maxBytes) break;
        this.#drop(position, oldest);
      }
      this.#entries.set(key, { part, bytes, waiting });
      this.#bytes += bytes;
    }
    return part;
  }

  #drop(key: number | string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
