import type { LedgerRow } from '../api/status.js';
import { formatValue } from '../dashboards/values/units.js';
import { formatDuration } from '../time/duration.js';

export function LedgerTable({ rows, now }: { readonly rows: readonly LedgerRow[]; readonly now: number }) {
  const tenants = new Set(rows.map(({ tenant }) => tenant)).size > 1 || rows[0]?.tenant !== 'default';
  return (
    <div className="status-scroll">
      <table className="status-table ledger">
        <thead>
          <tr>
            <th scope="col">Reader</th>{tenants && <th scope="col">Tenant</th>}<th scope="col">Signal</th>
            <th scope="col" className="number">Accepted</th><th scope="col" className="number">Delivered</th><th scope="col" className="number">Queued</th><th scope="col" className="number">Dropped</th>
            <th scope="col" className="number" title="Sent again after a failure; in none of the other columns">Sent again</th><th scope="col" className="number" title="Sent, but whether it arrived is not known">Unknown</th><th scope="col" className="number">Behind</th><th scope="col">Balance</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.reader} ${row.tenant} ${row.signal}`} className={rows[index - 1]?.reader === row.reader ? 'same' : ''}>
              <th scope="row">{row.reader}</th>{tenants && <td>{row.tenant}</td>}<td>{row.signal}</td>
              <td className="number">{count(row.accepted)}</td><td className="number">{count(row.delivered)}</td>
              <td className="number">{row.queued > 0 ? <span className={isLate(row, now) ? 'tally warn' : undefined} title={row.oldestQueuedMs === null ? undefined : `The oldest waits since ${formatDuration((now - row.oldestQueuedMs) * 1e6)}`}>{count(row.queued)}</span> : '0'}</td>
              <td className="number">{row.dropped.length === 0 ? '0' : row.dropped.map(({ reason, count: dropped }) => <div key={reason} className="ledger-reason"><span className="muted">{reason}</span> <span className="tally error">{count(dropped)}</span></div>)}</td>
              <td className="number">{count(row.redelivered)}</td><td className="number">{count(row.outcomeUnknown)}</td>
              <td className="number">{row.lagBytes === 0 ? '0' : formatValue(row.lagBytes, 'bytes')}</td>
              <td>{row.balanced ? <span className="tally ok">balanced</span> : <span className="tally error" title="Accepted is not the sum of the others: a defect. Please report it with signalbox ledger --json.">off by {count(row.accepted - row.delivered - row.queued - row.dropped.reduce((sum, { count: dropped }) => sum + dropped, 0))}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The store writes its files every half a minute, so that something always waits; longer, and a destination is behind. */
const USUAL_WAIT_MS = 60_000;

function isLate({ oldestQueuedMs }: LedgerRow, now: number): boolean {
  return oldestQueuedMs !== null && now - oldestQueuedMs > USUAL_WAIT_MS;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
