import { randomBytes } from 'node:crypto';
import type { Life } from './checkpoints.js';
import { hasMark, markOf, type Source } from './source.js';

/** What became of a file since it was last looked at. */
export type Change = 'same' | 'replaced';

export function newLife(path: string, dev: number, ino: number, head: Buffer): Life {
  return { id: randomBytes(8).toString('hex'), path, dev, ino, head: markOf(head, 0), tail: null, offset: 0, sent: [] };
}

/** The first bytes, as far as there are any. */
export async function readHead(source: Source, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, await source.read(bytes, size, 0));
}

/** Whether the source begins as the life's file did. Its mark is extended when the file has grown since. */
export async function checkHead(source: Source, life: Life, fingerprintBytes: number): Promise<{ readonly change: Change; readonly extended: boolean }> {
  const head = await readHead(source, Math.max(fingerprintBytes, life.head.end));
  if (!beginsLike(head, life)) return { change: 'replaced', extended: false };
  const extended = life.head.end < fingerprintBytes && head.length > life.head.end;
  if (extended) life.head = markOf(head, 0);
  return { change: 'same', extended };
}

function beginsLike(head: Buffer, life: Life): boolean {
  return head.length >= life.head.end && markOf(head.subarray(0, life.head.end), 0).hash === life.head.hash;
}

/** Whether the source has, where the life's place is, the bytes that were read there: it is the file, or a copy. */
export async function goesOnFrom(source: Source, life: Life): Promise<boolean> {
  return hasMark(source, life.tail);
}

/** Lives by how their files begin, so that a new file is compared with few of them. */
export class LifeIndex {
  readonly #byHead = new Map<number, Map<string, Life[]>>();

  constructor(lives: Iterable<Life>) {
    for (const life of lives) this.add(life);
  }

  add(life: Life): void {
    let sameLength = this.#byHead.get(life.head.end);
    if (!sameLength) this.#byHead.set(life.head.end, (sameLength = new Map<string, Life[]>()));
    const same = sameLength.get(life.head.hash);
    if (!same) sameLength.set(life.head.hash, [life]);
    else if (!same.includes(life)) same.push(life);
  }

  /** Longer beginnings first. */
  beginningLike(head: Buffer): readonly Life[] {
    const lengths = [...this.#byHead.keys()].filter((length) => length <= head.length).sort((a, b) => b - a);
    return lengths.flatMap((length) => this.#byHead.get(length)!.get(markOf(head.subarray(0, length), 0).hash) ?? []);
  }
}
