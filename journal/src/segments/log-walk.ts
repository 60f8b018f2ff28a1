import { JournalError } from '../errors.js';
import { readFrameHeader, walkHeaders, walkRecentHeaders } from './header-walk.js';
import type { Damage } from './header-walk.js';
import type { StoredHeader } from './frame-header.js';
import type { LossTally } from '../counting/loss-tally.js';
import type { SegmentIndex } from './segment-index.js';
import type { SegmentHeader } from './segment-header.js';

export interface LogVisitor {
  frame?(header: StoredHeader): void;
  /** Asked for each segment that lies wholly in the range; true skips its frames. */
  segment?(header: SegmentHeader, end: number): Promise<boolean>;
  /** The log was read just before, so that its headers are in memory. */
  readonly recent?: boolean;
}

/**
 * Follows the log with `tally` from a known position to another, by headers only. Answers how far it came: less than `to`
 * when segments are gone, and then the frames of the last one may have been visited in part.
 * @throws JournalError SBX_JOURNAL_CURSOR when `to` lies within a frame
 */
export async function walkLog(index: SegmentIndex, from: number, to: number, tally: LossTally, visitor: LogVisitor = {}): Promise<number> {
  let at = from;
  while (at < to) {
    const found = index.find(at, to);
    if (found === null) return at;
    const { header, end } = found;
    if (at === header.base) {
      tally.enterSegment(header);
      if (end < to && (await visitor.segment?.(header, end)) === true) {
        at = end;
        continue;
      }
    }
    const file = await index.file(header.sequence);
    if (file === null) return at;
    const damages: Damage[] = [];
    const visit = (each: StoredHeader): void => {
      tally.frame(each);
      visitor.frame?.(each);
    };
    if (visitor.recent === true) at = walkRecentHeaders(file, at, end, visit);
    await walkHeaders(file, at, end, visit, (damage) => {
      damages.push(damage);
      tally.gap('corrupt');
    });
    const last = damages.at(-1);
    if (last !== undefined && !(await file.isLive())) return at;
    if (last?.to === to && (await readFrameHeader(file, last.from, Number.MAX_SAFE_INTEGER)) !== null) {
      throw new JournalError('SBX_JOURNAL_CURSOR', `${to} is not a position between two frames: the frame at ${last.from} lies across it; use the \`next\` of a frame or of a read`);
    }
    at = end;
  }
  return at;
}
