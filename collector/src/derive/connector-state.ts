import { randomBytes } from 'node:crypto';
import type { LedgerChange } from '@signalbox/journal/ledger';
import type { ComponentState, Logger } from '../component.js';
import type { DerivedFrame } from './append.js';
import { readSnapshot, writeSnapshot } from './snapshot-file.js';

/** A component with a memory, under the name by which its part of the snapshot is found again. */
export interface NamedState {
  readonly name: string;
  readonly state: ComponentState;
}

/**
 * What belongs together at one position of the journal: the states, what was derived up to there and may not be appended yet, and
 * the ledger's changes that the cursor may not have yet.
 */
export interface ConnectorPoint {
  readonly position: number;
  /** The cursor was before it: when it is there, the frames are appended. */
  readonly moved: boolean;
  readonly changes: readonly LedgerChange[];
  readonly frames: readonly DerivedFrame[];
}

interface Meta {
  readonly journal: string;
  readonly incarnation: string;
  readonly generation: number;
  readonly position: number;
  readonly moved: boolean;
  readonly changes: readonly LedgerChange[];
  readonly states: readonly string[];
  readonly frames: readonly Omit<DerivedFrame, 'payload'>[];
}

/** The memory of a connector and of the processors before it, kept in one file. */
export class ConnectorStateFile {
  /** In batch ids: another one whenever the state begins empty, so that numbers are never used twice. */
  #incarnation = randomBytes(8).toString('hex');
  #generation = 0;

  constructor(
    readonly path: string,
    readonly journalId: string,
    readonly states: readonly NamedState[],
    readonly logger: Logger,
  ) {}

  /** The batch id of the n-th frame that the next point holds. */
  batchId(n: number): string {
    return `derived-${this.#incarnation}-${this.#generation + 1}-${n}`;
  }

  /** Restores all states; null where they begin empty. */
  async restore(): Promise<ConnectorPoint | null> {
    const snapshot = await readSnapshot<Meta>(this.path);
    if (snapshot === null) return null;
    if (snapshot === 'damaged' || snapshot.meta.journal !== this.journalId) {
      this.#unusable(snapshot === 'damaged' ? 'it is damaged' : 'it belongs to another journal');
      return null;
    }
    const { meta, parts } = snapshot;
    this.#incarnation = meta.incarnation;
    this.#generation = meta.generation;
    for (const { name, state } of this.states) {
      const i = meta.states.indexOf(name);
      if (i < 0) continue; // added to the pipeline since
      try {
        state.restore(parts[i]!);
      } catch (error) {
        this.#unusable(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const frames = meta.frames.map((frame, i) => ({ ...frame, payload: parts[meta.states.length + i]! }));
    return { position: meta.position, moved: meta.moved, changes: meta.changes, frames };
  }

  /** Durable when it settles. */
  async keep({ position, moved, changes, frames }: ConnectorPoint): Promise<void> {
    const meta: Meta = {
      journal: this.journalId,
      incarnation: this.#incarnation,
      generation: this.#generation + 1,
      position,
      moved,
      changes,
      states: this.states.map(({ name }) => name),
      frames: frames.map(({ payload: _, ...frame }) => frame),
    };
    await writeSnapshot(this.path, { meta, parts: [...this.states.map(({ state }) => state.snapshot()), ...frames.map(({ payload }) => payload)] });
    this.#generation++;
  }

  #unusable(reason: string): void {
    this.logger.error('the memory of a component could not be restored; it begins empty', { code: 'SBX_DERIVE_STATE', path: this.path, reason });
  }
}
