import { AcceptedCounts } from './accepted-counts.js';
import { cursorPath, listCursors } from '../cursors/cursor-file.js';
import { readCursorState } from '../cursors/cursor-record.js';
import { JournalError } from '../errors.js';
import { walkLog } from '../segments/log-walk.js';
import { LossTally } from './loss-tally.js';
import type { SegmentIndex } from '../segments/segment-index.js';
import { copyStreams, takes } from '../selection.js';

/**
 * Items accepted before a position, with whatever gap lies just before it. From the segment that holds it, by its header
 * and the frames up to there; where that is gone, from any cursor that stands at this very position, since the counts are
 * a property of the position. Null where nobody knows.
 */
export async function tallyAt(index: SegmentIndex, dir: string, position: number): Promise<LossTally | null> {
  for (let found = index.find(position, position); found !== null; found = index.find(position, position)) {
    const tally = new LossTally(found.header.accepted.clone());
    if ((await walkLog(index, found.header.base, position, tally)) === position) {
      tally.takeLosses(); // before the position: told when it was read
      return tally;
    }
    await index.forget(found.header.sequence);
  }
  const counts = await cursorCounts(dir, position);
  return counts === null ? null : new LossTally(counts);
}

async function cursorCounts(dir: string, position: number): Promise<AcceptedCounts | null> {
  let partial: AcceptedCounts | null = null;
  for (const reader of await listCursors(dir)) {
    const state = await readCursorState(cursorPath(dir, reader), reader).catch((error: unknown) => {
      if (error instanceof JournalError && error.code === 'SBX_JOURNAL_CURSOR') return null;
      throw error;
    });
    if (state === null || state.position !== position) continue;
    if (state.exact) return state.accepted;
    partial ??= new AcceptedCounts();
    copyStreams(state.accepted, partial, (signal, origin) => takes(state, signal, origin));
  }
  return partial;
}
