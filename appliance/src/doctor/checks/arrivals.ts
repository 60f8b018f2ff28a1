import { hint, ok, problem } from '../finding.js';
import type { Caller } from '../../probe/caller.js';
import { authorization } from '../../probe/endpoints.js';
import type { Check, Finding } from '../finding.js';

const ITEMS: Readonly<Record<string, string>> = { traces: 'spans', logs: 'log records', metrics: 'metric points' };

/** What arrived so far, what was refused, and which reader is behind. */
export const arrivalsCheck: Check = {
  name: 'arrivals',
  async run({ url, token, timeoutMs, caller }) {
    const rows = await fetchRows(url, token, timeoutMs, caller);
    if (rows === null) return [];
    const findings: Finding[] = [];
    const accepted = new Map<string, number>();
    for (const row of rows) if (row.reader === 'store') accepted.set(row.signal, (accepted.get(row.signal) ?? 0) + row.delivered + row.queued + sum(row.dropped));
    if ([...accepted.values()].every((n) => n === 0)) {
      findings.push(hint('arrivals', 'the appliance runs and has accepted nothing yet', 'run `signalbox verify` to see that the ways work; then check OTEL_EXPORTER_OTLP_ENDPOINT of the application with `signalbox doctor --endpoint URL`'));
    } else {
      findings.push(ok('arrivals', `accepted so far: ${[...accepted].map(([signal, n]) => `${n.toLocaleString('en-US')} ${ITEMS[signal] ?? signal}`).join(', ')}`));
    }
    for (const row of rows) {
      if (row.queued > 0 && row.reader !== 'store') findings.push(hint('arrivals', `${row.queued.toLocaleString('en-US')} ${ITEMS[row.signal] ?? row.signal} wait for ${row.reader}`, 'if it does not go down, that destination does not take them: see the warnings of the appliance'));
      if (sum(row.dropped) > 0) findings.push(hint('arrivals', `${row.reader} dropped ${ITEMS[row.signal] ?? row.signal}: ${Object.entries(row.dropped).map(([reason, n]) => `${reason} ${n}`).join(', ')}`, 'docs/runbooks.md says what the reasons mean and what to do, under "Items were dropped"'));
      if (!row.balanced) findings.push(problem('arrivals', `the account of ${row.reader} (${row.signal}) does not balance`, 'please report it, with the output of `signalbox ledger --json`'));
    }
    return [...findings, ...(await refusals(url, token, timeoutMs, caller))];
  },
};

interface Row {
  readonly reader: string;
  readonly signal: string;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly balanced: boolean;
}

async function fetchRows(url: string, token: string | null, timeoutMs: number, caller: Caller): Promise<Row[] | null> {
  const response = await caller.fetch(new URL('/api/v1/ledger', url), { headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) }).catch(() => null);
  return response?.ok ? ((await response.json()) as { rows: Row[] }).rows : null;
}

async function refusals(url: string, token: string | null, timeoutMs: number, caller: Caller): Promise<Finding[]> {
  const text = await caller.fetch(new URL('/metrics', url), { headers: authorization(token), signal: AbortSignal.timeout(timeoutMs) }).then((r) => (r.ok ? r.text() : ''), () => '');
  const refused = text.split('\n').filter((line) => /^otelcol_receiver_refused_/.test(line) && !/ 0$/.test(line));
  return refused.map((line) => hint('arrivals', `receivers refused items: ${line}`, 'the sender was told why; see the warnings of the appliance'));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
