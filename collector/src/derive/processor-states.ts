import { Cursor } from '@signalbox/journal/cursor';
import type { Logger } from '../component.js';
import type { NamedProcessor } from '../delivery/create.js';
import { STATE_CURSOR_SUFFIX } from '../delivery/accounting/forgotten.js';
import type { NamedState } from './connector-state.js';
import { readSnapshot, snapshotPath, writeSnapshot } from './snapshot-file.js';

const TAKE_EVERY_MS = 10_000;

interface Meta {
  readonly journal: string;
  readonly position: number;
  readonly states: readonly string[];
}

interface Taken {
  readonly position: number;
  readonly parts: readonly Uint8Array[];
}

export interface ProcessorStatesOptions {
  /** The reader's name. */
  readonly reader: string;
  readonly journalDir: string;
  readonly journalId: string;
  readonly dataDir: string;
  readonly processors: readonly NamedProcessor[];
  readonly logger: Logger;
}

/**
 * The memory of a reader's processors. A snapshot holds what they remember of all frames before its position; it goes to disk when
 * the reader's cursor has reached that position, so that the file is never ahead of what is settled. A cursor of its own keeps the
 * journal from there on: after a restart the frames up to the reader's cursor go through the processors once more, and nowhere else.
 */
export class ProcessorStates {
  #taken: Taken | null = null;
  #takenMs: number;

  private constructor(
    private readonly options: ProcessorStatesOptions,
    private readonly states: readonly NamedState[],
    private readonly hold: Cursor,
    nowMs: number,
    /** Frames from here up to the reader's cursor are to be processed before anything else. */
    readonly replayFrom: number,
  ) {
    this.#takenMs = nowMs;
  }

  /** Null where no processor has a memory. @throws JournalError */
  static async open(options: ProcessorStatesOptions, cursorPosition: number, nowMs: number): Promise<ProcessorStates | null> {
    const states = options.processors.flatMap(({ id, processor }, i) => (processor.state ? [{ name: `${i} ${id}`, state: processor.state }] : []));
    if (states.length === 0) return null;
    const name = options.reader + STATE_CURSOR_SUFFIX;
    const held = (await Cursor.list(options.journalDir)).includes(name);
    const hold = await Cursor.open({ dir: options.journalDir, reader: name, signals: [], from: 'beginning' });
    try {
      const restored = await restore(options, states, cursorPosition);
      // Without a snapshot, but with a place: the state began empty there, and no snapshot was kept yet.
      const replayFrom = restored ?? (held && !(await snapshotExists(options)) ? Math.min(hold.position, cursorPosition) : cursorPosition);
      if (replayFrom > hold.position) await hold.commit({ position: replayFrom, changes: [] });
      return new ProcessorStates(options, states, hold, nowMs, replayFrom);
    } catch (error) {
      await hold.close();
      throw error;
    }
  }

  /** It is time for another snapshot: the caller lets the processors see every frame that was read, then calls take(). */
  due(nowMs: number): boolean {
    return this.#taken === null && nowMs - this.#takenMs >= TAKE_EVERY_MS;
  }

  /** The processors have seen all frames before `position` and none behind it. */
  take(position: number, nowMs: number): void {
    this.#taken = { position, parts: this.states.map(({ state }) => state.snapshot()) };
    this.#takenMs = nowMs;
  }

  /** Keeps the snapshot on disk once everything before it is settled. */
  async keep(cursorPosition: number): Promise<void> {
    const taken = this.#taken;
    if (taken === null || cursorPosition < taken.position) return;
    this.#taken = null;
    const { dataDir, reader, journalId, logger } = this.options;
    try {
      const meta: Meta = { journal: journalId, position: taken.position, states: this.states.map(({ name }) => name) };
      await writeSnapshot(snapshotPath(dataDir, reader), { meta, parts: taken.parts });
      if (taken.position > this.hold.position) await this.hold.commit({ position: taken.position, changes: [] });
    } catch (error) {
      logger.error('the memory of the processors could not be kept; the one kept before counts, and it is tried again', { code: 'SBX_DERIVE_STATE', error });
    }
  }

  close(): Promise<void> {
    return this.hold.close();
  }
}

async function snapshotExists({ dataDir, reader }: ProcessorStatesOptions): Promise<boolean> {
  return (await readSnapshot(snapshotPath(dataDir, reader))) !== null;
}

/** Answers the snapshot's position; null where the states begin empty. */
async function restore({ dataDir, reader, journalId, logger }: ProcessorStatesOptions, states: readonly NamedState[], cursorPosition: number): Promise<number | null> {
  const path = snapshotPath(dataDir, reader);
  const snapshot = await readSnapshot<Meta>(path);
  if (snapshot === null) return null;
  const unusable = (reason: string): null => {
    logger.error('the memory of a component could not be restored; it begins empty', { code: 'SBX_DERIVE_STATE', path, reason });
    return null;
  };
  if (snapshot === 'damaged') return unusable('it is damaged');
  const { meta, parts } = snapshot;
  if (meta.journal !== journalId) return unusable('it belongs to another journal');
  if (meta.position > cursorPosition) return unusable(`it is of position ${meta.position}, the reader begins at ${cursorPosition}`);
  for (const { name, state } of states) {
    const part = parts[meta.states.indexOf(name)];
    if (part === undefined) continue; // added to the pipeline since
    try {
      state.restore(part);
    } catch (error) {
      unusable(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return meta.position;
}
