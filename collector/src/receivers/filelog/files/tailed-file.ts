import { setImmediate as immediate } from 'node:timers/promises';
import { realpath } from 'node:fs/promises';
import type { Checkpoints, Life, Mark } from './checkpoints.js';
import type { FileHeader } from '../records/file-header.js';
import type { FileLabels, RecordMaker } from '../records/record-maker.js';
import type { LogRequest } from '../../../parsing/log-request.js';
import type { LogSender } from '../../../parsing/log-sender.js';
import { GzipSource, markOf, openPlain, type Source } from './source.js';

/** Read at once: some thousand lines, which take a few milliseconds. */
const BLOCK_BYTES = 256 << 10;
const TAIL_BYTES = 1000;
/** Others have their turn after it: lines that need a full parser or an expression take longer. */
const YIELD_AFTER_MS = 4;
/** What a renamed file has at its end without a newline is a record after it. */
const GONE_FLUSH_MS = 2000;

const NO_HEADER: FileHeader = { end: 0, attributes: new Map(), isComplete: true };

export interface TailContext {
  readonly maker: RecordMaker;
  readonly sender: LogSender;
  readonly checkpoints: Checkpoints;
  readonly block: { bytes: Buffer };
  readonly maxLogBytes: number;
  readonly flushAfterMs: number;
  readonly nowNs: () => bigint;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/** A file being read: from its life's place on, in parts that are noted, sent and noted as done. */
export class TailedFile {
  /** Where to read on; everything before is sent. */
  next: number;
  /** As last looked at: when neither changes, nobody wrote. */
  size = -1;
  mtimeMs = -1;
  /** Bytes that are known to be there, unpacked. */
  known = 0;
  /** Monotonic: when the file last grew. */
  grownAtMs: number;
  /** Monotonic: when something was last read. */
  readAtMs = 0;
  /** It is not found by its path any more, but still open. */
  isGone = false;
  goneAtMs = 0;
  readonly isGzip: boolean;
  readonly life: Life;
  readonly #context: TailContext;
  #source: Source | null = null;
  #labels: FileLabels | null = null;
  #header: FileHeader = NO_HEADER;
  #replay: { readonly start: number; readonly end: number }[];
  #done = new Map<number, { readonly end: number; readonly tail: Mark | null }>();

  constructor(life: Life, isGzip: boolean, context: TailContext) {
    this.life = life;
    this.isGzip = isGzip;
    this.#context = context;
    this.#replay = [...life.sent];
    this.next = life.offset;
    this.grownAtMs = context.nowMs();
  }

  get isOpen(): boolean {
    return this.#source !== null;
  }

  async source(): Promise<Source> {
    return (this.#source ??= this.isGzip ? new GzipSource(this.life.path) : await openPlain(this.life.path));
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    await source?.close();
  }

  /** The path is part of what records carry. */
  moved(path: string): void {
    this.life.path = path;
    this.#labels = null;
  }

  /**
   * Reads and sends one part. Answers whether there is more to read now.
   * @throws what reading throws
   */
  async step(): Promise<boolean> {
    const { maker, sender, block, maxLogBytes, flushAfterMs } = this.#context;
    const source = await this.source();
    await this.#label(source);
    if (!this.#header.isComplete) return false;
    const again = this.#replay[0];
    const start = this.next;
    let wanted = again ? again.end - start : BLOCK_BYTES;
    const request = await sender.acquire();
    let sent = false;
    try {
      for (;;) {
        if (block.bytes.length < wanted) block.bytes = Buffer.allocUnsafeSlow(wanted);
        const { bytes } = block;
        const length = await source.read(bytes, wanted, start);
        if (length === 0) {
          this.#replay = [];
          return false;
        }
        const atEnd = length < wanted;
        const nowMs = this.#context.nowMs();
        if (start + length > this.known) {
          this.known = start + length;
          this.grownAtMs = nowMs;
        }
        const still = (flushAfterMs > 0 && nowMs - this.grownAtMs >= flushAfterMs) || (this.isGone && nowMs - this.goneAtMs >= GONE_FLUSH_MS);
        const from = Math.min(length, Math.max(start === 0 ? maker.encoding.bom(bytes, length) : 0, this.#header.end - start));
        const ends = again !== undefined || (atEnd && (still || this.isGzip));
        const isLongest = wanted >= maxLogBytes + 8;
        let consumed = await this.#make(request, from, length, ends, isLongest);
        if (consumed < length && maker.overtaken) {
          // Records behind the one that is held must not be sent before it: they come again.
          request.reset();
          consumed = await this.#make(request, from, consumed, true, true);
        }
        if (consumed === from && consumed < length && !atEnd && !isLongest) {
          // Not one whole record: a longer look.
          wanted = Math.min(wanted * 2, maxLogBytes + 8);
          request.reset();
          continue;
        }
        if (consumed === 0) return false;
        const end = start + consumed;
        const tailStart = Math.max(0, consumed - TAIL_BYTES);
        const tail = markOf(bytes.subarray(tailStart, consumed), start + tailStart);
        if (again) this.#replay.shift();
        else this.#context.checkpoints.sending(this.life, { start, end });
        this.next = end;
        this.readAtMs = this.#context.nowMs();
        sent = true;
        maker.settle();
        this.#send(request, start, end, tail);
        return !atEnd;
      }
    } finally {
      if (!sent) sender.release(request);
    }
  }

  /** What every record of the file carries. */
  async #label(source: Source): Promise<void> {
    const { maker } = this.#context;
    if (this.#labels !== null && this.#header.isComplete) return;
    if (maker.header) this.#header = await maker.header.read(source, this.life.path);
    this.#labels = maker.labels(this.life.path, await realpath(this.life.path).catch(() => this.life.path), this.#header.attributes);
  }

  /**
   * Makes records of the block's bytes. Answers how far they are done: to where no whole record begins, or an operator holds one.
   * @param ends nothing follows, so that what is left is a record too @param isLongest no longer look is taken at what is held
   */
  async #make(request: LogRequest, from: number, to: number, ends: boolean, isLongest: boolean): Promise<number> {
    const { maker, block, nowNs, nowMs } = this.#context;
    const labels = this.#labels!;
    maker.beginBlock(block.bytes, to, nowNs());
    maker.cutter.begin(block.bytes, from, to, ends);
    for (let yieldAtMs = nowMs() + YIELD_AFTER_MS, n = 1; maker.cutter.next(); n++) {
      maker.make(block.bytes, maker.cutter.start, maker.cutter.end, labels, request);
      if (n % 64 === 0 && nowMs() > yieldAtMs) {
        await immediate();
        yieldAtMs = nowMs() + YIELD_AFTER_MS;
      }
    }
    const consumed = Math.min(maker.cutter.consumed, to);
    const { heldFrom } = maker;
    if (heldFrom > consumed) return consumed;
    if (!ends && !(isLongest && heldFrom <= from)) return heldFrom;
    maker.flush(labels, request);
    return consumed;
  }

  #send(request: LogRequest, start: number, end: number, tail: Mark | null): void {
    const { sender, signal } = this.#context;
    if (request.items === 0) {
      sender.release(request);
      this.#reached(start, end, tail);
      return;
    }
    void sender.send(request, `filelog:${this.life.id}:${start}-${end}`, signal).then((onDisk) => {
      if (onDisk) this.#reached(start, end, tail);
    });
  }

  /** Parts may come to be on disk in another order; the place moves over those that follow one another. */
  #reached(start: number, end: number, tail: Mark | null): void {
    this.#done.set(start, { end, tail });
    let offset = this.life.offset;
    let last: Mark | null | undefined;
    for (let done = this.#done.get(offset); done; done = this.#done.get(offset)) {
      this.#done.delete(offset);
      offset = done.end;
      last = done.tail;
    }
    if (last !== undefined) this.#context.checkpoints.reached(this.life, offset, last);
  }
}
