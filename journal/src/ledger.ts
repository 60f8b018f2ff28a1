import { AcceptedCounts, FRAME_SIGNALS } from './counting/accepted-counts.js';
import { tallyAt } from './counting/counts-at.js';
import { cursorPath, listCursors } from './cursors/cursor-file.js';
import { readCursorState } from './cursors/cursor-record.js';
import type { CursorState } from './cursors/cursor-record.js';
import { JournalError } from './errors.js';
import { acceptedItems } from './frame.js';
import type { FrameHeader, FrameSignal } from './frame.js';
import { walkHeaders } from './segments/header-walk.js';
import { readIdentity } from './storage/identity.js';
import type { LedgerChange } from './ledger-change.js';
import { walkLog } from './segments/log-walk.js';
import { LossTally } from './counting/loss-tally.js';
import { PositionReader } from './storage/position-file.js';
import { SegmentIndex } from './segments/segment-index.js';
import type { SegmentHeader } from './segments/segment-header.js';
import { selectedItems, takes } from './selection.js';
import { addReasons, rowKey, settle, settledItems } from './counting/settling.js';

export type { LedgerChange } from './ledger-change.js';

/** One reader, tenant and signal; counts are items since the reader's cursor was created. */
export interface LedgerRow {
  readonly reader: string;
  readonly tenant: string;
  readonly signal: FrameSignal;
  /** From the writer's own count. */
  readonly accepted: number;
  readonly delivered: number;
  /** Counted from the headers of the frames that wait, not derived from the other columns. */
  readonly queued: number;
  /** By reason. What was evicted or is corrupt counts here at once, before the reader commits it. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly redelivered: number;
  readonly outcomeUnknown: number;
  /** Bytes of the log between the reader's cursor and the end; the same for all rows of a reader. */
  readonly lagBytes: number;
  /** When the oldest waiting frame of the row was received; null when none waits. */
  readonly oldestQueuedNs: bigint | null;
  /** accepted = delivered + queued + all dropped. False tells of a fault in the product. */
  readonly balanced: boolean;
}

interface Queued extends Pick<FrameHeader, 'tenant' | 'signal' | 'origin'> {
  items: number;
  readonly oldestNs: bigint;
}

/** By tenant, signal and origin. */
type QueuedByRow = Map<string, Queued>;

const MAX_ATTEMPTS = 5;
const MAX_KEPT_SEGMENTS = 1024;

/** Reads the ledger again and again, keeping what it counted of segments that do not change any more. */
export class Ledger {
  readonly #index: SegmentIndex;
  readonly #positions: PositionReader;
  /** By sequence: what whole segments hold, or null where one is damaged and has to be walked each time. */
  readonly #segments = new Map<number, { readonly salt: number; readonly queued: QueuedByRow | null }>();
  #end: { readonly position: number; readonly tally: LossTally } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly dir: string) {
    this.#index = new SegmentIndex(dir);
    this.#positions = new PositionReader(dir);
  }

  /** Rows by reader, tenant and signal. */
  read(): Promise<LedgerRow[]> {
    const rows = this.#turn.then(() => this.#read());
    this.#turn = rows.catch(() => undefined);
    return rows;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#index.close();
    this.#positions.close();
  }

  async #read(): Promise<LedgerRow[]> {
    const journalId = await readIdentity(this.dir);
    for (let attempt = 1; ; attempt++) {
      const states = await this.#cursors(journalId);
      // Read after the cursors, so that none is ahead of it; from here on only recycling can change what is counted.
      const { durable, sequence, clean } = this.#positions.read();
      await this.#index.update({ durable, sequence, clean }, true);
      const accepted = (await this.#acceptedAt(durable)) ?? (durable === 0 || attempt === MAX_ATTEMPTS ? new AcceptedCounts() : null);
      if (accepted === null) continue;
      const rows = await this.#rows(states, accepted, durable);
      if (rows !== null) return rows;
      if (attempt === MAX_ATTEMPTS) throw new JournalError('SBX_JOURNAL_CURSOR', `the journal in ${this.dir} is recycled faster than its ledger can be counted: raise journal.max_bytes`);
    }
  }

  async #cursors(journalId: string | null): Promise<CursorState[]> {
    const states: CursorState[] = [];
    for (const reader of await listCursors(this.dir)) {
      const state = await readCursorState(cursorPath(this.dir, reader), reader);
      if (state !== null && state.journalId === journalId) states.push(state);
    }
    return states;
  }

  /** What the writer counted up to the end; null when no segment tells. */
  async #acceptedAt(durable: number): Promise<AcceptedCounts | null> {
    const known = this.#end;
    this.#end = null;
    const went = known !== null && (await walkLog(this.#index, known.position, durable, known.tally)) === durable;
    const tally = went ? known.tally : await tallyAt(this.#index, this.dir, durable);
    if (tally === null) return null;
    tally.takeLosses();
    this.#end = { position: durable, tally };
    return tally.counts;
  }

  /** Null when a segment was recycled while it was counted. */
  async #rows(states: readonly CursorState[], accepted: AcceptedCounts, durable: number): Promise<LedgerRow[] | null> {
    const rows: LedgerRow[] = [];
    for (const state of states) {
      const tally = new LossTally(state.accepted.clone());
      const queued: QueuedByRow = new Map();
      let from = state.position;
      if (from < durable && this.#index.find(from, durable) === null) {
        tally.gap('evicted');
        from = this.#index.oldest ?? durable;
      }
      const reached = await walkLog(this.#index, from, durable, tally, {
        frame: (header) => count(queued, header),
        segment: async (header, end) => {
          const whole = await this.#countSegment(header, end);
          for (const [key, each] of whole ?? []) add(queued, key, each);
          return whole !== null;
        },
      });
      if (reached < durable) return null;
      rows.push(...ledgerRows(state, accepted, queued, tally.takeLosses(), durable));
    }
    return rows;
  }

  /** Items of a sealed segment by row, from its frames' headers; null when they are not all readable. */
  async #countSegment(segment: SegmentHeader, end: number): Promise<QueuedByRow | null> {
    const known = this.#segments.get(segment.sequence);
    if (known?.salt === segment.salt) return known.queued;
    const file = await this.#index.file(segment.sequence);
    if (file === null) return null;
    const counted: QueuedByRow = new Map();
    let damaged = false;
    await walkHeaders(file, segment.base, end, (header) => count(counted, header), () => (damaged = true));
    if (damaged && !(await file.isLive())) return null;
    const queued = damaged ? null : counted;
    this.#segments.set(segment.sequence, { salt: segment.salt, queued });
    if (this.#segments.size > MAX_KEPT_SEGMENTS) this.#segments.delete(this.#segments.keys().next().value!);
    return queued;
  }
}

/** The ledger once; who shows it regularly keeps a Ledger. */
export async function readLedger(dir: string): Promise<LedgerRow[]> {
  const ledger = new Ledger(dir);
  try {
    return await ledger.read();
  } finally {
    await ledger.close();
  }
}

function ledgerRows(state: CursorState, accepted: AcceptedCounts, queued: QueuedByRow, losses: readonly LedgerChange[], durable: number): LedgerRow[] {
  const mine = losses.filter((loss) => takes(state, loss.signal, loss.origin ?? ''));
  const settled = byTenantAndSignal(settle(state.rows, mine));
  const waiting = byTenantAndSignal([...queued.values()].filter((each) => takes(state, each.signal, each.origin)));
  const tenants = new Set(accepted.tenants());
  for (const [first] of settled.values()) tenants.add(first!.tenant);
  const rows: LedgerRow[] = [];
  for (const tenant of [...tenants].sort()) {
    for (const signal of FRAME_SIGNALS.filter((each) => state.signals.includes(each))) {
      const key = rowKey({ tenant, signal });
      const settledHere = settled.get(key) ?? [];
      const waitingHere = waiting.get(key) ?? [];
      const total = selectedItems(accepted, state, tenant, signal) - selectedItems(state.start.accepted, state, tenant, signal);
      if (total === 0 && settledHere.length === 0 && waitingHere.length === 0) continue;
      const queuedItems = sum(waitingHere, (row) => row.items);
      rows.push({
        reader: state.reader,
        tenant,
        signal,
        accepted: total,
        delivered: sum(settledHere, (row) => row.delivered),
        queued: queuedItems,
        dropped: Object.fromEntries(settledHere.reduce<ReadonlyMap<string, number>>((reasons, row) => addReasons(reasons, Object.fromEntries(row.dropped)), new Map())),
        redelivered: sum(settledHere, (row) => row.redelivered),
        outcomeUnknown: sum(settledHere, (row) => row.outcomeUnknown),
        lagBytes: durable - state.position,
        oldestQueuedNs: waitingHere.reduce<bigint | null>((oldest, { oldestNs }) => (oldest === null || oldestNs < oldest ? oldestNs : oldest), null),
        balanced: total === sum(settledHere, settledItems) + queuedItems,
      });
    }
  }
  return rows;
}

function byTenantAndSignal<T extends Pick<FrameHeader, 'tenant' | 'signal'>>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = rowKey({ tenant: row.tenant, signal: row.signal });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function sum<T>(rows: readonly T[], items: (row: T) => number): number {
  return rows.reduce((total, row) => total + items(row), 0);
}

function count(queued: QueuedByRow, header: FrameHeader): void {
  const { tenant, signal, origin, receivedNs } = header;
  add(queued, rowKey(header), { tenant, signal, origin, items: acceptedItems(header), oldestNs: receivedNs });
}

/** In order of the log: the first that is added is the oldest. */
function add(queued: QueuedByRow, key: string, more: Queued): void {
  const row = queued.get(key);
  if (row === undefined) queued.set(key, { ...more });
  else row.items += more.items;
}
