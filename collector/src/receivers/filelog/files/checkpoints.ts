import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A part of a file that was or is being sent as one request. */
export interface Sent {
  readonly start: number;
  readonly end: number;
}

/** Bytes by which a file is known again: SHA-256 of those from `start` to `end`, in hex. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly hash: string;
}

/** What is kept of a file. A life begins with the file, or anew when it is truncated or replaced. */
export interface Life {
  /** Random, so that batch ids made of it are never used for other bytes. */
  readonly id: string;
  path: string;
  dev: number;
  ino: number;
  /** Its first bytes, up to fingerprint_size. */
  head: Mark;
  /** The last bytes before `offset`, or null at its beginning. */
  tail: Mark | null;
  /** Everything before it is on disk in the journal. */
  offset: number;
  /** Requests sent and not yet known to be on disk, in order. */
  sent: Sent[];
}

type Line =
  | { readonly f: string; readonly p: string; readonly d: number; readonly i: number; readonly h: Mark }
  | { readonly b: string; readonly s: number; readonly e: number }
  | { readonly a: string; readonly e: number; readonly t: Mark | null }
  | { readonly x: string };

const COMPACT_AT_BYTES = 1 << 20;

/**
 * Places in files, as a log of JSON lines that is written anew when it has grown: what a file is (f), what is about to be sent
 * (b), what is on disk (a), what is forgotten (x). A request is noted before it is sent, so that after a crash the same bytes are
 * sent under the same batch id, however much the file has grown since: the journal then knows whether it has them.
 *
 * Lines are not synced: they survive the end of the process; after a power failure files may be read again from an earlier place.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #failed: (error: unknown) => void;
  readonly lives = new Map<string, Life>();
  /** Nothing was kept from an earlier run. */
  readonly isFirst: boolean;
  #fd = -1;
  #bytes = 0;
  #compacted = 0;

  /** @param failed is told when lines cannot be written; reading goes on, and a restart may repeat */
  constructor(folder: string, failed: (error: unknown) => void) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, 'checkpoints.jsonl');
    this.#failed = failed;
    this.isFirst = !this.#load();
    this.compact();
  }

  file(life: Life): void {
    this.lives.set(life.id, life);
    this.#write({ f: life.id, p: life.path, d: life.dev, i: life.ino, h: life.head });
  }

  sending(life: Life, sent: Sent): void {
    life.sent.push(sent);
    this.#write({ b: life.id, s: sent.start, e: sent.end });
  }

  reached(life: Life, offset: number, tail: Mark | null): void {
    life.offset = offset;
    life.tail = tail;
    life.sent = life.sent.filter((each) => each.end > offset);
    this.#write({ a: life.id, e: offset, t: tail });
  }

  forget(life: Life): void {
    if (this.lives.delete(life.id)) this.#write({ x: life.id });
  }

  close(): void {
    if (this.#fd < 0) return;
    this.compact();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Writes all that is known into a new file and takes it in place of the old one. */
  compact(): void {
    let text = '';
    for (const life of this.lives.values()) {
      text += line({ f: life.id, p: life.path, d: life.dev, i: life.ino, h: life.head }) + line({ a: life.id, e: life.offset, t: life.tail });
      for (const sent of life.sent) text += line({ b: life.id, s: sent.start, e: sent.end });
    }
    try {
      const fd = openSync(`${this.#path}.new`, 'w', 0o600);
      try {
        writeAll(fd, text);
        fsyncSync(fd);
        renameSync(`${this.#path}.new`, this.#path);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      if (this.#fd >= 0) closeSync(this.#fd);
      this.#fd = fd;
      this.#bytes = this.#compacted = Buffer.byteLength(text);
    } catch (error) {
      this.#failed(error);
      // Not before as much again was written.
      this.#compacted = this.#bytes;
    }
  }

  #write(what: Line): void {
    try {
      if (this.#fd < 0) this.#fd = openSync(this.#path, 'a', 0o600);
      const text = line(what);
      writeAll(this.#fd, text);
      this.#bytes += text.length;
    } catch (error) {
      this.#failed(error);
    }
    if (this.#bytes > this.#compacted + COMPACT_AT_BYTES + this.#compacted) this.compact();
  }

  #load(): boolean {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return false;
    }
    for (const each of text.split('\n')) {
      try {
        if (each !== '') this.#apply(JSON.parse(each) as Line);
      } catch {
        // A line that was being written when the process ended.
      }
    }
    return true;
  }

  #apply(what: Line): void {
    if ('f' in what) {
      const life = this.lives.get(what.f);
      if (life) Object.assign(life, { path: what.p, dev: what.d, ino: what.i, head: what.h });
      else this.lives.set(what.f, { id: what.f, path: what.p, dev: what.d, ino: what.i, head: what.h, tail: null, offset: 0, sent: [] });
    } else if ('b' in what) {
      this.lives.get(what.b)?.sent.push({ start: what.s, end: what.e });
    } else if ('a' in what) {
      const life = this.lives.get(what.a);
      if (!life) return;
      life.offset = what.e;
      life.tail = what.t;
      life.sent = life.sent.filter((each) => each.end > what.e);
    } else {
      this.lives.delete(what.x);
    }
  }
}

function line(what: Line): string {
  return `${JSON.stringify(what)}\n`;
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
