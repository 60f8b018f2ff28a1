import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { encodeIndex } from './block-index.js';
import { blockHead, blockTail, type TenantPart } from './block-layout.js';
import { Turn } from '../../duckdb/turn.js';
import { Float64List, Uint32List } from '../lists.js';

/** Names and values of a tenant's pairs, sorted by name, then value. */
export interface SortedPairs {
  readonly names: readonly string[];
  /** Per name: how many pairs it has. */
  readonly counts: readonly number[];
  readonly values: readonly string[];
}

const WRITE_BYTES = 1 << 20;
const PER_LOOK = 1024;
const FIRST_TEXT_BYTES = 1 << 16;
/** Offsets within a tenant's chunks have 32 bits. */
const MAX_CHUNKS_BYTES = 2 ** 32 - 1;

/** Writes a block from its beginning to its end: tenants one after the other, each one's series in the order of their labels. */
export class BlockWriter {
  private buffer = new Uint8Array(2 * WRITE_BYTES);
  private buffered = 0;
  private at = 0;
  private readonly parts: TenantPart[] = [];
  private tenant: TenantBlock | null = null;

  private constructor(private readonly file: FileHandle) {
    this.put(blockHead());
  }

  static async create(path: string): Promise<BlockWriter> {
    return new BlockWriter(await open(path, 'w'));
  }

  beginTenant(tenant: string, pairs: SortedPairs): void {
    this.tenant = new TenantBlock(tenant, pairs, this.at);
  }

  /** `labels` are numbers of pairs, ascending. */
  beginSeries(idLow: number, idHigh: number, labels: ArrayLike<number>): void {
    this.tenant?.beginSeries(idLow, idHigh, labels);
  }

  /** A chunk of the series at hand. The bytes are copied. */
  chunk(bytes: Uint8Array, count: number, minMs: number, maxMs: number, crc = crc32(bytes)): void {
    this.tenant?.chunk(bytes.length, crc, count, minMs, maxMs);
    this.put(bytes);
  }

  /** Writes what has gathered, if it is much. */
  async drain(): Promise<void> {
    if (this.buffered >= WRITE_BYTES) await this.write();
  }

  /** `rest` is JSON that is kept beside the series. */
  async endTenant(rest: unknown): Promise<void> {
    const { tenant } = this;
    if (tenant === null) throw new Error('no tenant was begun');
    await this.write();
    const turn = new Turn();
    const chunksBytes = this.at - tenant.chunksAt;
    const padding = (8 - (this.at % 8)) % 8;
    this.put(new Uint8Array(padding));
    const indexAt = this.at;
    let indexCrc = 0;
    for (const part of await tenant.index(Buffer.from(JSON.stringify(rest)), turn)) {
      for (let from = 0; from < part.length; from += WRITE_BYTES) {
        const piece = part.subarray(from, from + WRITE_BYTES);
        indexCrc = crc32(piece, indexCrc);
        this.put(piece);
        await this.drain();
      }
      if (turn.due) await turn.give();
    }
    this.parts.push({ ...tenant.summary(), chunksBytes, indexAt, indexBytes: this.at - indexAt, indexCrc });
    this.tenant = null;
    await this.write();
  }

  /** Ends the file and makes its content durable. */
  async finish(): Promise<{ rows: number; bytes: number; minMs: number; maxMs: number; tenants: string[] }> {
    const contents = Buffer.from(JSON.stringify(this.parts));
    this.put(contents);
    this.put(blockTail(contents));
    await this.write();
    await this.file.datasync();
    const { parts } = this;
    return {
      rows: parts.reduce((sum, part) => sum + part.samples, 0), bytes: this.at,
      minMs: parts.reduce((min, part) => Math.min(min, part.minMs ?? Infinity), Infinity), maxMs: parts.reduce((max, part) => Math.max(max, part.maxMs ?? -Infinity), -Infinity),
      tenants: parts.map(({ tenant }) => tenant),
    };
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private put(bytes: Uint8Array): void {
    const most = this.buffered + bytes.length;
    if (most > this.buffer.length) {
      const grown = new Uint8Array(Math.max(most, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, this.buffered));
      this.buffer = grown;
    }
    this.buffer.set(bytes, this.buffered);
    this.buffered = most;
    this.at += bytes.length;
  }

  private async write(): Promise<void> {
    let bytes = this.buffer.subarray(0, this.buffered);
    while (bytes.length > 0) bytes = bytes.subarray((await this.file.write(bytes)).bytesWritten);
    this.buffered = 0;
  }
}

/** Columns of the tenant being written. */
class TenantBlock {
  private readonly chunkMin = new Float64List();
  private readonly chunkMax = new Float64List();
  private readonly chunkAt = new Uint32List();
  private readonly chunkCrc = new Uint32List();
  private readonly chunkCount = new Uint32List();
  private readonly ids = new Uint32List();
  private readonly seriesChunks = new Uint32List();
  private readonly seriesLabels = new Uint32List();
  private readonly labels = new Uint32List();
  private bytes = 0;
  private samples = 0;
  private minMs: number | null = null;
  private maxMs: number | null = null;

  constructor(private readonly tenant: string, private readonly pairs: SortedPairs, readonly chunksAt: number) {}

  beginSeries(idLow: number, idHigh: number, labels: ArrayLike<number>): void {
    this.ids.push(idLow);
    this.ids.push(idHigh);
    this.seriesChunks.push(this.chunkAt.length);
    this.seriesLabels.push(this.labels.length);
    this.labels.pushAll(labels);
  }

  chunk(bytes: number, crc: number, count: number, minMs: number, maxMs: number): void {
    this.chunkAt.push(this.bytes);
    this.bytes += bytes;
    if (this.bytes > MAX_CHUNKS_BYTES) throw new Error('a tenant has more than 4 GiB of chunks in one block');
    this.chunkCrc.push(crc);
    this.chunkCount.push(count);
    this.chunkMin.push(minMs);
    this.chunkMax.push(maxMs);
    this.samples += count;
    this.minMs = this.minMs === null ? minMs : Math.min(this.minMs, minMs);
    this.maxMs = this.maxMs === null ? maxMs : Math.max(this.maxMs, maxMs);
  }

  summary(): Pick<TenantPart, 'tenant' | 'chunksAt' | 'series' | 'samples' | 'minMs' | 'maxMs'> {
    return { tenant: this.tenant, chunksAt: this.chunksAt, series: this.ids.length / 2, samples: this.samples, minMs: this.minMs, maxMs: this.maxMs };
  }

  async index(rest: Buffer, turn: Turn): Promise<Buffer[]> {
    const { names, counts, values } = this.pairs;
    this.chunkAt.push(this.bytes);
    this.seriesChunks.push(this.chunkAt.length - 1);
    this.seriesLabels.push(this.labels.length);
    const namePairs = new Uint32Array(names.length + 1);
    for (let i = 0; i < names.length; i++) namePairs[i + 1] = namePairs[i] + counts[i];
    const { pairPostings, postings } = await this.postings(values.length, turn);
    const texts = new Uint32Array(names.length + values.length + 1);
    let bytes = Buffer.allocUnsafe(FIRST_TEXT_BYTES);
    let at = 0;
    let count = 0;
    for (const list of [names, values]) {
      for (const text of list) {
        const most = at + text.length * 3;
        if (most > bytes.length) bytes = Buffer.concat([bytes], Math.max(most, bytes.length * 2));
        at += bytes.write(text, at);
        texts[++count] = at;
        if (count % PER_LOOK === 0 && turn.due) await turn.give();
      }
    }
    return encodeIndex({
      chunkMin: this.chunkMin.view, chunkMax: this.chunkMax.view, chunkAt: this.chunkAt.view, chunkCrc: this.chunkCrc.view, chunkCount: this.chunkCount.view, ids: this.ids.view,
      seriesChunks: this.seriesChunks.view, seriesLabels: this.seriesLabels.view, labels: this.labels.view, pairPostings, postings, namePairs, texts,
    }, bytes.subarray(0, at), rest);
  }

  /** Series by pair: counted, then placed. */
  private async postings(pairs: number, turn: Turn): Promise<{ pairPostings: Uint32Array; postings: Uint32Array }> {
    const labels = this.labels.view;
    const starts = this.seriesLabels.view;
    const pairPostings = new Uint32Array(pairs + 1);
    for (let i = 0; i < labels.length; i++) {
      pairPostings[labels[i] + 1]++;
      if (i % PER_LOOK === 0 && turn.due) await turn.give();
    }
    for (let pair = 0; pair < pairs; pair++) pairPostings[pair + 1] += pairPostings[pair];
    const next = pairPostings.slice();
    const postings = new Uint32Array(labels.length);
    for (let series = 0; series + 1 < starts.length; series++) {
      for (let i = starts[series]; i < starts[series + 1]; i++) postings[next[labels[i]]++] = series;
      if (series % PER_LOOK === 0 && turn.due) await turn.give();
    }
    return { pairPostings, postings };
  }
}
