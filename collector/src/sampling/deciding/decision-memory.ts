import { readSnapshot, snapshotPath, writeSnapshot } from '../../derive/snapshot-file.js';
import type { CachedDecision, DecisionCache } from './decision-cache.js';
import type { DecisionReason } from '../records/decision-reason.js';

/** Trace id, numbers of tenant and reason u32, spans u32, duration in ms f64, Unix time of the decision in ms f64; little-endian. */
const ENTRY_BYTES = 44;
const ID_BYTES = 16;

interface Meta {
  readonly journal: string;
  /** Decisions that stand before it in the journal are in the file, as far as they are remembered. */
  readonly position: number;
  readonly tenants: readonly string[];
  readonly reasons: readonly DecisionReason[];
}

/** Decisions as they are on disk. */
export interface KeptDecisions {
  readonly position: number;
  find(tenant: string, id: string): CachedDecision | null;
  /** Those forgotten first in front; an id's 16 bytes begin at `at`. */
  each(remember: (tenant: string, bytes: Buffer, at: number, decision: CachedDecision) => void): void;
}

/** Writes the decisions that are remembered for late spans, so that they outlive the process. */
export async function keepDecisions(options: { readonly dataDir: string; readonly reader: string; readonly journalId: string }, position: number, cache: DecisionCache): Promise<void> {
  const tenants = new Map<number, number>();
  const reasons = new Map<DecisionReason, number>();
  const part = Buffer.allocUnsafe(cache.size * ENTRY_BYTES);
  let at = 0;
  for (const kind of cache.kinds) {
    for (let entry = kind.oldest; entry >= 0; entry = kind.newer(entry)) {
      kind.index.writeId(entry, part, at);
      part.writeUInt32LE(numberOf(tenants, kind.index.tenantOf(entry)), at + 16);
      part.writeUInt32LE(numberOf(reasons, kind.reasonOf(entry)), at + 20);
      kind.writeNumbers(entry, part, at + 24);
      at += ENTRY_BYTES;
    }
  }
  const meta: Meta = { journal: options.journalId, position, tenants: Array.from(tenants.keys(), (number) => cache.key.tenantName(number)), reasons: [...reasons.keys()] };
  await writeSnapshot(snapshotPath(options.dataDir, options.reader), { meta, parts: [part] });
}

function numberOf<T>(numbers: Map<T, number>, of: T): number {
  const known = numbers.get(of);
  if (known !== undefined) return known;
  numbers.set(of, numbers.size);
  return numbers.size - 1;
}

/** Null where there are none; 'damaged' where the file cannot be used. */
export async function readKeptDecisions({ dataDir, reader, journalId }: { readonly dataDir: string; readonly reader: string; readonly journalId: string }): Promise<KeptDecisions | 'damaged' | null> {
  const snapshot = await readSnapshot<Meta>(snapshotPath(dataDir, reader));
  if (snapshot === null || snapshot === 'damaged') return snapshot;
  const { meta, parts: [part] } = snapshot;
  if (meta.journal !== journalId || part === undefined) return 'damaged';
  return new Kept(meta, Buffer.from(part.buffer, part.byteOffset, part.byteLength));
}

class Kept implements KeptDecisions {
  constructor(private readonly meta: Meta, private readonly bytes: Buffer) {}

  get position(): number {
    return this.meta.position;
  }

  find(tenant: string, id: string): CachedDecision | null {
    const number = this.meta.tenants.indexOf(tenant);
    for (let at = 0; number >= 0 && at < this.bytes.length; at += ENTRY_BYTES) {
      if (this.bytes.readUInt32LE(at + 16) === number && this.bytes.toString('latin1', at, at + ID_BYTES) === id) return this.#decision(at);
    }
    return null;
  }

  each(remember: (tenant: string, bytes: Buffer, at: number, decision: CachedDecision) => void): void {
    for (let at = 0; at < this.bytes.length; at += ENTRY_BYTES) remember(this.meta.tenants[this.bytes.readUInt32LE(at + 16)], this.bytes, at, this.#decision(at));
  }

  #decision(at: number): CachedDecision {
    return { reason: this.meta.reasons[this.bytes.readUInt32LE(at + 20)], spans: this.bytes.readUInt32LE(at + 24), durationMs: this.bytes.readDoubleLE(at + 28), decidedMs: this.bytes.readDoubleLE(at + 36) };
  }
}
