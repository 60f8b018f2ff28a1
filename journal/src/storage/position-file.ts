import * as fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { readU64, writeU64 } from './bytes.js';
import { systemCode } from '../errors.js';
import { positionPath } from './layout.js';

/** `SBXP` */
const MAGIC = 0x50584253;
const BYTES = 32;
const CLEAN = 1;

/** How far the log is on disk. */
export interface DurablePosition {
  readonly durable: number;
  /** Sequence of the segment that holds it. */
  readonly sequence: number;
  /** The writer closed in order: nothing lies behind `durable`. */
  readonly clean: boolean;
}

/** The writer's side. Not synced while running: it serves other processes, and recovery finds the end without it. */
export class PositionWriter {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(BYTES);

  constructor(dir: string) {
    this.#fd = fs.openSync(positionPath(dir), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
    this.#bytes.writeUInt32LE(MAGIC, 0);
    this.#bytes.writeUInt16LE(1, 8);
  }

  write(position: DurablePosition): void {
    this.#bytes.writeUInt16LE(position.clean ? CLEAN : 0, 10);
    writeU64(this.#bytes, position.durable, 16);
    writeU64(this.#bytes, position.sequence, 24);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(8)), 4);
    fs.writeSync(this.#fd, this.#bytes, 0, BYTES, 0);
  }

  close(sync: boolean): void {
    if (sync) fs.fdatasyncSync(this.#fd);
    fs.closeSync(this.#fd);
  }
}

/** The readers' side, from any process: one small read of a cached page. */
export class PositionReader {
  readonly #path: string;
  readonly #bytes = Buffer.alloc(BYTES);
  #fd: number | null = null;
  #last: DurablePosition = { durable: 0, sequence: 0, clean: false };

  constructor(dir: string) {
    this.#path = positionPath(dir);
  }

  /** Answers the position read last where the file is missing or was just being written; position 0 at first. */
  read(): DurablePosition {
    if (this.#fd === null) {
      try {
        this.#fd = fs.openSync(this.#path, 'r');
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return this.#last;
        throw error;
      }
    }
    for (let attempt = 0; attempt < 3; attempt++) {
      if (fs.readSync(this.#fd, this.#bytes, 0, BYTES, 0) < BYTES) break;
      if (this.#bytes.readUInt32LE(0) !== MAGIC || this.#bytes.readUInt32LE(4) !== crc32(this.#bytes.subarray(8))) continue;
      const durable = readU64(this.#bytes, 16);
      const sequence = readU64(this.#bytes, 24);
      const clean = (this.#bytes.readUInt16LE(10) & CLEAN) !== 0;
      if (durable !== this.#last.durable || sequence !== this.#last.sequence || clean !== this.#last.clean) this.#last = { durable, sequence, clean };
      break;
    }
    return this.#last;
  }

  close(): void {
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }
}
