import { rm } from 'node:fs/promises';
import { AcceptedCounts, FRAME_SIGNALS } from './counting/accepted-counts.js';
import { tallyAt } from './counting/counts-at.js';
import { CursorFile, cursorPath, listCursors } from './cursors/cursor-file.js';
import { encodeCursorState, readCursorState } from './cursors/cursor-record.js';
import type { CursorState } from './cursors/cursor-record.js';
import { JournalError } from './errors.js';
import type { FrameSignal } from './frame.js';
import type { HeaderTrail } from './header-trail.js';
import { readIdentity } from './storage/identity.js';
import type { LedgerChange } from './ledger-change.js';
import { walkLog } from './segments/log-walk.js';
import { LossTally } from './counting/loss-tally.js';
import { PositionReader } from './storage/position-file.js';
import { SegmentIndex } from './segments/segment-index.js';
import { copyStreams, originsBySignal, sameSelection, takes } from './selection.js';
import type { OriginsBySignal, Selection } from './selection.js';
import { checkChange, settle, settledItems } from './counting/settling.js';

export interface CursorOptions {
  readonly dir: string;
  /** The reader's name; any characters. One process alone has it open. */
  readonly reader: string;
  /** What the reader takes; items of other signals are not its concern. */
  readonly signals: readonly FrameSignal[];
  /** Ids of the receivers and connectors whose frames it takes; one list for all signals, or one each. Frames without an origin it takes always. Default: all. */
  readonly origins?: readonly string[] | OriginsBySignal;
  /** Where a reader begins that has no cursor yet: at the oldest frame that is still there, or behind the newest. */
  readonly from: 'beginning' | 'end';
  /** Of the reader that it belongs to: what it came by is not read again to be counted. */
  readonly trail?: HeaderTrail;
}

export interface CursorCommit {
  /** Everything before it is settled: the `next` of a frame or of a read. Never less than before. */
  readonly position: number;
  /** Added to the ledger; changes of signals and origins that are not the cursor's are left out. */
  readonly changes: readonly LedgerChange[];
}

/** What nobody waits for any more. */
export interface LeftItems {
  readonly tenant: string;
  readonly signal: FrameSignal;
  readonly origin: string;
  readonly items: number;
}

interface Waiting {
  readonly commit: CursorCommit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How far one reader is, and what became of the items before: one durable record. */
export class Cursor {
  readonly #index: SegmentIndex;
  readonly #published: PositionReader;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  /** Counts at `#state.position`; null when they have to be looked up. */
  #tally: LossTally | null;
  #closed = false;
  #left: readonly LeftItems[] = [];

  private constructor(readonly dir: string, readonly reader: string, private readonly file: CursorFile, private state: CursorState, private readonly trail: HeaderTrail | undefined) {
    this.#index = new SegmentIndex(dir);
    this.#published = new PositionReader(dir);
    this.#tally = state.exact ? new LossTally(state.accepted.clone()) : null;
  }

  /** @throws JournalError SBX_JOURNAL_MISSING before the journal exists, SBX_JOURNAL_CURSOR when the file is damaged */
  static async open(options: CursorOptions): Promise<Cursor> {
    const { dir, reader } = options;
    const selection: Selection = { signals: [...options.signals], origins: originsBySignal(options.signals, options.origins) };
    const journalId = await readIdentity(dir);
    if (journalId === null) throw new JournalError('SBX_JOURNAL_MISSING', `there is no journal in ${dir}: start the process that writes it (role receive), or check the data directory`);
    const path = cursorPath(dir, reader);
    const stored = await readCursorState(path, reader);
    if (stored !== null && stored.journalId === journalId) {
      const state = withSelection(stored, selection);
      const cursor = new Cursor(dir, reader, await CursorFile.open(dir, path), state, options.trail);
      if (state !== stored) {
        cursor.#left = await cursor.#leftBy(stored);
        await cursor.#write(state);
      }
      return cursor;
    }
    const start = await startOf(dir, options.from);
    const state: CursorState = { generation: 1, journalId, reader, ...selection, start, position: start.position, accepted: start.accepted, exact: true, rows: [] };
    return new Cursor(dir, reader, await CursorFile.create(dir, path, encodeCursorState(state)), state, options.trail);
  }

  /** Names of all readers that have a cursor. */
  static list(dir: string): Promise<string[]> {
    return listCursors(dir);
  }

  /** Forgets a reader that is not configured any more, so that it holds no segments. It must not be open. */
  static async remove(dir: string, reader: string): Promise<void> {
    await rm(cursorPath(dir, reader), { force: true });
  }

  /** Everything before it is settled and committed. */
  get position(): number {
    return this.state.position;
  }

  /** Items behind the position that the reader took before it was opened with another selection now, and takes no more. */
  get left(): readonly LeftItems[] {
    return this.#left;
  }

  /**
   * Durable when it settles; commits handed in meanwhile share the next write. When it rejects, nothing of it counts, and
   * it may be handed in again.
   */
  commit(commit: CursorCommit): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new JournalError('SBX_JOURNAL_CLOSED', `the cursor of ${this.reader} is closed`);
      const before = this.#waiting.at(-1)?.commit.position ?? this.state.position;
      if (!(commit.position >= before)) throw new JournalError('SBX_JOURNAL_CURSOR', `the cursor of ${this.reader} is at ${before} and was told to go back to ${commit.position}`);
      commit.changes.forEach(checkChange);
      this.#waiting.push({ commit, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Waits for the commits under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    await this.#index.close();
    this.#published.close();
    await this.file.close();
  }

  async #flush(): Promise<void> {
    await Promise.resolve(); // commits of the same turn join
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#settle(batch.map(({ commit }) => commit));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#flushing = null; // in the same turn as the look at the queue
  }

  async #settle(commits: readonly CursorCommit[]): Promise<void> {
    const position = commits.at(-1)!.position;
    if (position < this.state.position) throw new JournalError('SBX_JOURNAL_CURSOR', `the cursor of ${this.reader} is at ${this.state.position} and was told to go back to ${position}`);
    const changes = commits.flatMap((commit) => commit.changes).filter((change) => takes(this.state, change.signal, change.origin ?? ''));
    if (position === this.state.position && changes.length === 0) return;
    const rows = settle(this.state.rows, changes);
    await this.#advance(position);
    const exact = this.#tally !== null;
    const accepted = this.#tally?.counts.clone() ?? this.#derived(rows);
    try {
      await this.#write({ ...this.state, position, accepted, exact, rows });
    } catch (error) {
      this.#tally = null; // it went on, the state did not
      throw error;
    }
  }

  async #write(state: CursorState): Promise<void> {
    const next = { ...state, generation: this.state.generation + 1 };
    await this.file.write(encodeCursorState(next));
    this.state = next;
  }

  /** Brings the tally from the committed position to `position`; null when the frames there are gone. */
  async #advance(position: number): Promise<void> {
    if (position === this.state.position && this.#tally !== null) return;
    const published = this.#published.read();
    if (position > published.durable) throw new JournalError('SBX_JOURNAL_CURSOR', `the cursor of ${this.reader} was told to go to ${position}, the log ends at ${published.durable}`);
    const tally = this.#tally;
    if (tally !== null && this.trail?.follow(this.state.position, position, tally) === true) {
      tally.takeLosses();
      return;
    }
    this.#tally = null;
    await this.#index.update(published);
    if (tally !== null && (await walkLog(this.#index, this.state.position, position, tally, { recent: true })) === position) {
      tally.takeLosses();
      this.#tally = tally;
      return;
    }
    await this.#index.update(published, true);
    this.#tally = this.#index.oldest !== null && this.#index.oldest <= position ? await tallyAt(this.#index, this.dir, position) : null;
  }

  async #leftBy(before: CursorState): Promise<readonly LeftItems[]> {
    const published = this.#published.read();
    await this.#index.update(published, true);
    const end = (await tallyAt(this.#index, this.dir, published.durable))?.counts ?? before.accepted;
    const left: LeftItems[] = [];
    for (const { tenant, origin } of end.entries()) {
      for (const signal of FRAME_SIGNALS) {
        const items = end.get(tenant, signal, origin) - before.accepted.get(tenant, signal, origin);
        if (items > 0 && takes(before, signal, origin) && !takes(this.state, signal, origin)) left.push({ tenant, signal, origin, items });
      }
    }
    return left;
  }

  /** The frames are gone: what was settled must have been accepted. */
  #derived(rows: CursorState['rows']): AcceptedCounts {
    const counts = this.state.accepted.clone();
    for (const row of rows) counts.set(row.tenant, row.signal, row.origin, this.state.start.accepted.get(row.tenant, row.signal, row.origin) + settledItems(row));
    return counts;
  }
}

async function startOf(dir: string, from: 'beginning' | 'end'): Promise<CursorState['start']> {
  const index = new SegmentIndex(dir);
  const positions = new PositionReader(dir);
  try {
    for (;;) {
      const published = positions.read();
      await index.update(published, true);
      const position = from === 'end' ? published.durable : (index.oldest ?? published.durable);
      const found = index.find(position, position);
      if (found === null) return { position, accepted: new AcceptedCounts() };
      if (from === 'beginning') return { position, accepted: found.header.accepted };
      const tally = await tallyAt(index, dir, position);
      if (tally !== null) return { position, accepted: tally.counts };
    }
  } finally {
    await index.close();
    positions.close();
  }
}

/** What the reader takes from now on is counted from where it stands; what it no longer takes leaves the ledger. */
function withSelection(state: CursorState, selection: Selection): CursorState {
  if (sameSelection(state, selection)) return state;
  const accepted = state.start.accepted.clone();
  copyStreams(state.accepted, accepted, (signal, origin) => takes(selection, signal, origin) && !takes(state, signal, origin));
  return { ...state, ...selection, start: { ...state.start, accepted }, rows: state.rows.filter((row) => takes(selection, row.signal, row.origin)) };
}
