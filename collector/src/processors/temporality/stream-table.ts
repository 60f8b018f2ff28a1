import { deserialize, serialize } from 'node:v8';
import type { ComponentState } from '../../component.js';
import type { Accumulated } from './accumulated.js';

export interface StreamState {
  readonly startNs: bigint;
  readonly timeNs: bigint;
  readonly held: Accumulated;
  /** When the journal received what was seen last: the clock of staleness, so that a replay comes to the same end. */
  readonly seenNs: bigint;
}

const VERSION = 1;

/**
 * Streams by key, the one seen longest ago in front. Bounded: what is not seen for so long goes, and beyond the limit nothing new
 * is taken in.
 */
export class StreamTable implements ComponentState {
  #streams = new Map<string, StreamState>();

  /** @param maxStalenessMs null: streams are kept for ever */
  constructor(readonly maxStreams: number, readonly maxStalenessMs: number | null) {}

  get size(): number {
    return this.#streams.size;
  }

  get(key: string): StreamState | undefined {
    return this.#streams.get(key);
  }

  /** False where there is no room for another stream. */
  set(key: string, state: StreamState): boolean {
    if (!this.#streams.delete(key) && this.#streams.size >= this.maxStreams) return false;
    this.#streams.set(key, state);
    return true;
  }

  expire(nowNs: bigint): void {
    if (this.maxStalenessMs === null) return;
    const oldestNs = nowNs - BigInt(Math.round(this.maxStalenessMs)) * 1_000_000n;
    for (const [key, { seenNs }] of this.#streams) {
      if (seenNs >= oldestNs) return;
      this.#streams.delete(key);
    }
  }

  snapshot(): Uint8Array {
    return Buffer.concat([Uint8Array.of(VERSION), serialize([...this.#streams])]);
  }

  restore(snapshot: Uint8Array): void {
    if (snapshot[0] !== VERSION) throw new Error(`the snapshot has version ${snapshot[0] ?? 'none'}, known is ${VERSION}`);
    const content: unknown = deserialize(Buffer.from(snapshot.subarray(1)));
    if (!Array.isArray(content) || !content.every(isEntry)) throw new Error('the snapshot holds something else than streams');
    this.#streams = new Map(content);
  }
}

function isEntry(entry: unknown): entry is [string, StreamState] {
  if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string') return false;
  const state: unknown = entry[1];
  if (typeof state !== 'object' || state === null || !('startNs' in state && 'timeNs' in state && 'seenNs' in state && 'held' in state)) return false;
  const { held } = state;
  return typeof state.startNs === 'bigint' && typeof state.timeNs === 'bigint' && typeof state.seenNs === 'bigint' && typeof held === 'object' && held !== null && 'kind' in held && (held.kind === 'number' || held.kind === 'histogram' || held.kind === 'exponential');
}
