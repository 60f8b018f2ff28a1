import { AcceptedCounts } from '../counting/accepted-counts.js';
import type { AcceptedRow } from '../counting/accepted-counts.js';
import { readCursorRecord } from './cursor-file.js';
import type { CursorRecord } from './cursor-file.js';
import { JournalError } from '../errors.js';
import type { FrameSignal } from '../frame.js';
import type { OriginsBySignal, Selection } from '../selection.js';

/** The ledger's counters of one reader, tenant, signal and origin, since the cursor was created. */
export interface SettledRow {
  readonly tenant: string;
  readonly signal: FrameSignal;
  readonly origin: string;
  readonly delivered: number;
  readonly dropped: ReadonlyMap<string, number>;
  readonly redelivered: number;
  readonly outcomeUnknown: number;
}

/** A cursor's state: where it stands and all that it settled, one record on disk. */
export interface CursorState extends Selection {
  readonly generation: number;
  readonly journalId: string;
  readonly reader: string;
  readonly start: { readonly position: number; readonly accepted: AcceptedCounts };
  readonly position: number;
  /** Items accepted before `position`. */
  readonly accepted: AcceptedCounts;
  /** False when `accepted` was derived from what was settled, as the frames were gone: then it holds for what the reader takes only. */
  readonly exact: boolean;
  readonly rows: readonly SettledRow[];
}

interface Body {
  readonly journal: string;
  readonly reader: string;
  readonly signals: readonly FrameSignal[];
  /** Null and absent: all. */
  readonly origins?: OriginsBySignal | null;
  readonly start: { readonly position: number; readonly accepted: readonly AcceptedRow[] };
  readonly accepted: readonly AcceptedRow[];
  readonly exact: boolean;
  readonly rows: readonly [tenant: string, signal: FrameSignal, delivered: number, redelivered: number, outcomeUnknown: number, dropped: readonly [string, number][], origin?: string][];
}

export function encodeCursorState(state: CursorState): CursorRecord {
  const body: Body = {
    journal: state.journalId,
    reader: state.reader,
    signals: state.signals,
    origins: state.origins,
    start: { position: state.start.position, accepted: state.start.accepted.toJSON() },
    accepted: state.accepted.toJSON(),
    exact: state.exact,
    rows: state.rows.map((row) => [row.tenant, row.signal, row.delivered, row.redelivered, row.outcomeUnknown, [...row.dropped], row.origin]),
  };
  return { generation: state.generation, position: state.position, body: JSON.stringify(body) };
}

function decodeCursorState(record: CursorRecord): CursorState {
  const body = JSON.parse(record.body) as Body; // written by encodeCursorState, checked by its checksum
  return {
    generation: record.generation,
    journalId: body.journal,
    reader: body.reader,
    signals: body.signals,
    origins: body.origins ?? null,
    start: { position: body.start.position, accepted: AcceptedCounts.fromJSON(body.start.accepted) },
    position: record.position,
    accepted: AcceptedCounts.fromJSON(body.accepted),
    exact: body.exact,
    rows: body.rows.map(([tenant, signal, delivered, redelivered, outcomeUnknown, dropped, origin = '']) => ({ tenant, signal, origin, delivered, redelivered, outcomeUnknown, dropped: new Map(dropped) })),
  };
}

/** Null where the reader has no cursor. @throws JournalError SBX_JOURNAL_CURSOR when both its records are damaged */
export async function readCursorState(path: string, reader: string): Promise<CursorState | null> {
  const record = await readCursorRecord(path);
  if (record === 'damaged') {
    throw new JournalError('SBX_JOURNAL_CURSOR', `the cursor of ${reader} is damaged (${path}): remove the file; the reader then begins anew and may deliver what it delivered before`);
  }
  return record === null ? null : decodeCursorState(record);
}
