import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { AcceptedCounts, FRAME_SIGNALS } from '../counting/accepted-counts.js';
import type { BatchMemory } from '../writing/batch-memory.js';
import { cursorPath, listCursors } from '../cursors/cursor-file.js';
import { readCursorState } from '../cursors/cursor-record.js';
import { JournalError } from '../errors.js';
import { segmentPath } from '../storage/layout.js';
import type { DurablePosition } from '../storage/position-file.js';
import { recover } from './recovery.js';
import type { StoredSegment } from './recovery.js';
import type { SegmentPool } from '../writing/segment-pool.js';
import { SegmentWriter } from '../writing/segment-writer.js';
import type { SealedSegment, WriterParts } from '../writing/segment-writer.js';
import type { ResolvedSettings } from '../writing/settings.js';

/** A new journal's first segment: small enough to be zero-filled in milliseconds. */
const FIRST_SEGMENT_BYTES = 1 << 20;

export interface Opened {
  readonly writer: SegmentWriter;
  readonly sealed: readonly SealedSegment[];
  readonly id: string;
}

/** Recovers what is there and answers a writer at its end; begins the first segment of a new journal. */
export async function beginOrResume(settings: ResolvedSettings, published: DurablePosition, memory: BatchMemory, pool: SegmentPool, onSealed: (sealed: SealedSegment) => void, knownId: string | null): Promise<Opened> {
  const { dir, disk, logger } = settings;
  const { segments, ready, end, accepted } = await recover(dir, published, memory, settings.nowNs(), logger);
  const furthest = await furthestCursor(dir, settings);
  const last = segments.at(-1);
  const id = knownId ?? last?.header.journalId ?? randomUUID();
  const next = 1 + Math.max(last?.header.sequence ?? 0, published.sequence);
  for (const sequence of ready.filter((each) => each !== next)) await rm(segmentPath(dir, sequence), { force: true });
  const parts: WriterParts = { journalId: id, accepted: atLeast(accepted ?? new AcceptedCounts(), furthest?.accepted), pool, disk, onSealed };
  // Positions are never used twice, whatever was lost: a reader that was further must not take new frames for read ones.
  const base = Math.max(end, published.durable, furthest?.position ?? 0);
  if (last !== undefined && base === end && last.header.journalId === id) return { writer: await SegmentWriter.resume(dir, last, end, parts), sealed: sealSegments(segments, end).slice(0, -1), id };
  if (base > 0) logger.error('the end of the journal was lost; it goes on behind it', { readableUpTo: end, goesOnAt: base });
  const writer = await SegmentWriter.begin(await pool.takeSmall(next, FIRST_SEGMENT_BYTES), base, parts);
  return { writer, sealed: sealSegments(segments, end), id };
}

function sealSegments(segments: readonly StoredSegment[], end: number): SealedSegment[] {
  return segments.map(({ header, fileBytes }, i) => ({ sequence: header.sequence, base: header.base, end: segments[i + 1]?.header.base ?? end, fileBytes }));
}

/** Counts never go back: where frames became unreadable, a cursor still knows how many there were. */
function atLeast(counts: AcceptedCounts, known: AcceptedCounts | undefined): AcceptedCounts {
  for (const { tenant, origin, row } of known?.entries() ?? []) {
    for (const [i, signal] of FRAME_SIGNALS.entries()) counts.set(tenant, signal, origin, Math.max(counts.get(tenant, signal, origin), row[i]!));
  }
  return counts;
}

async function furthestCursor(dir: string, { logger }: ResolvedSettings): Promise<{ position: number; accepted: AcceptedCounts } | null> {
  let furthest: { position: number; accepted: AcceptedCounts } | null = null;
  for (const reader of await listCursors(dir)) {
    try {
      const state = await readCursorState(cursorPath(dir, reader), reader);
      if (state !== null && state.position > (furthest?.position ?? -1)) furthest = state;
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'SBX_JOURNAL_CURSOR') throw error;
      logger.warn(error.message, { code: error.code });
    }
  }
  return furthest;
}
