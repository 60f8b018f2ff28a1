import type { Client } from './client.js';
import { entriesOf, field, listOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';

export interface RoleStatus {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly restarts: number;
  /** Unix milliseconds; 0 where it is not known. */
  readonly sinceMs: number;
  readonly lastFailure: string;
}

export interface Listener {
  readonly name: string;
  readonly address: string;
  readonly what: string;
}

export interface ApplianceStatus {
  readonly version: string;
  readonly dataDirectory: string;
  readonly startedMs: number;
  readonly behindBytes: number | null;
  readonly roles: readonly RoleStatus[];
  readonly listeners: readonly Listener[];
  /** The line that starts an application with the agent, on the appliance's own machine. */
  readonly instrument: string;
}

export async function loadStatus(client: Client, signal: AbortSignal): Promise<ApplianceStatus> {
  const answer = await client.get('/api/v1/status', {}, signal);
  return {
    version: textOf(field(answer, 'version')),
    dataDirectory: textOf(field(answer, 'dataDirectory')),
    startedMs: momentOf(field(answer, 'startedAt')),
    behindBytes: field(answer, 'journal', 'behindBytes') === undefined ? null : numberOf(field(answer, 'journal', 'behindBytes')),
    roles: listOf(field(answer, 'roles')).map((role) => ({
      name: textOf(field(role, 'name')), state: textOf(field(role, 'state')), pid: numberOf(field(role, 'pid')) || null, restarts: numberOf(field(role, 'restarts')),
      sinceMs: momentOf(field(role, 'since')), lastFailure: textOf(field(role, 'lastFailure')),
    })),
    listeners: listOf(field(answer, 'listeners')).map((one) => ({ name: textOf(field(one, 'name')), address: textOf(field(one, 'address')), what: textOf(field(one, 'what')) })),
    instrument: textOf(field(answer, 'instrument')),
  };
}

export interface LedgerRow {
  readonly reader: string;
  readonly tenant: string;
  readonly signal: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  readonly redelivered: number;
  readonly outcomeUnknown: number;
  readonly lagBytes: number;
  /** Unix milliseconds of the oldest item that waits; null where none does. */
  readonly oldestQueuedMs: number | null;
  readonly balanced: boolean;
}

export async function loadLedger(client: Client, signal: AbortSignal): Promise<readonly LedgerRow[]> {
  return listOf(field(await client.get('/api/v1/ledger', {}, signal), 'rows')).map(readRow);
}

function readRow(row: Json): LedgerRow {
  const oldest = numberOf(field(row, 'oldestQueuedNs'));
  return {
    reader: textOf(field(row, 'reader')), tenant: textOf(field(row, 'tenant')), signal: textOf(field(row, 'signal')),
    accepted: numberOf(field(row, 'accepted')), delivered: numberOf(field(row, 'delivered')), queued: numberOf(field(row, 'queued')),
    dropped: entriesOf(field(row, 'dropped')).map(([reason, count]) => ({ reason, count: numberOf(count) })).filter(({ count }) => count > 0),
    redelivered: numberOf(field(row, 'redelivered')), outcomeUnknown: numberOf(field(row, 'outcomeUnknown')), lagBytes: numberOf(field(row, 'lagBytes')),
    oldestQueuedMs: oldest === 0 ? null : oldest / 1e6,
    balanced: field(row, 'balanced') === true,
  };
}

function momentOf(value: Json | undefined): number {
  const ms = Date.parse(textOf(value));
  return Number.isNaN(ms) ? 0 : ms;
}
