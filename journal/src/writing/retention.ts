import { cursorPath, listCursors, readCursorRecord } from '../cursors/cursor-file.js';
import type { JournalLogger } from '../log.js';
import type { SealedSegment } from './segment-writer.js';

/**
 * How many of the oldest sealed segments may go: those behind every reader, and as many more as the cap on bytes demands.
 * `slowest` is the position of the slowest reader, null without readers: then everything is kept up to the cap.
 */
export function expendable(sealed: readonly SealedSegment[], otherBytes: number, maxBytes: number, slowest: number | null): { readonly settled: number; readonly evicted: number } {
  let settled = 0;
  while (slowest !== null && settled < sealed.length && sealed[settled]!.end <= slowest) settled++;
  let bytes = otherBytes + sealed.slice(settled).reduce((sum, each) => sum + each.fileBytes, 0);
  let evicted = 0;
  for (const each of sealed.slice(settled)) {
    if (bytes <= maxBytes) break;
    bytes -= each.fileBytes;
    evicted++;
  }
  return { settled, evicted };
}

/** Position of the slowest cursor, null where there is none. A damaged cursor holds everything (up to the cap). */
export async function slowestCursor(dir: string, logger: JournalLogger): Promise<number | null> {
  let slowest: number | null = null;
  for (const reader of await listCursors(dir)) {
    const record = await readCursorRecord(cursorPath(dir, reader));
    if (record === 'damaged') logger.warn('a cursor of the journal is damaged; segments are kept for it up to the journal\'s maxBytes', { reader });
    if (record !== null) slowest = Math.min(slowest ?? Infinity, record === 'damaged' ? 0 : record.position);
  }
  return slowest;
}
