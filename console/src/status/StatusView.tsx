import { useEffect, useState } from 'react';
import { loadLedger, loadStatus } from '../api/status.js';
import type { ApplianceStatus } from '../api/status.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { useTitle } from '../app/use-title.js';
import { formatValue } from '../dashboards/values/units.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import { ReloadIcon } from '../design/icons.js';
import { formatAgo, formatFullMoment } from '../time/moment.js';
import { Instrument } from './Instrument.js';
import { LedgerTable } from './LedgerTable.js';
import './status.css';

const REFRESH_MS = 5_000;

/** What the appliance is doing: its processes, its ways in and out, and the ledger of every reader. */
export function StatusView() {
  useTitle('Status');
  const client = useClient();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === 'visible') setNow(Date.now()); }, REFRESH_MS);
    return () => { clearInterval(timer); };
  }, []);
  const status = useLoad(String(now), (signal) => loadStatus(client, signal));
  const ledger = useLoad(String(now), (signal) => loadLedger(client, signal));
  return (
    <div className="page">
      <Progress shown={status.data === undefined && status.loading} label="Loading the status" />
      <div className="page-head">
        <h1>Status</h1>
        {status.data && <span className="muted">Signalbox {status.data.version}, started {formatAgo(status.data.startedMs, now)}, data in <code>{status.data.dataDirectory}</code></span>}
        <span className="spacer" />
        <button type="button" className="button" onClick={() => { setNow(Date.now()); }}><ReloadIcon />Refresh</button>
      </div>
      {status.error && <Failure error={status.error} retry={status.reload} />}
      {status.data && <Appliance status={status.data} now={now} />}
      {ledger.error && <Failure error={ledger.error} retry={ledger.reload} />}
      {ledger.data && (
        <section className="panel status-panel" aria-label="Ledger">
          <h2>Ledger <span className="muted">Items of each reader: accepted = delivered + queued + dropped. Queued is counted from the journal, so the equation can fail, and would say so here.</span></h2>
          {ledger.data.length === 0 ? <Empty title="Nothing has been accepted yet"><Instrument /></Empty> : <LedgerTable rows={ledger.data} now={now} />}
        </section>
      )}
    </div>
  );
}

function Appliance({ status, now }: { readonly status: ApplianceStatus; readonly now: number }) {
  return (
    <div className="status-columns">
      <section className="panel status-panel" aria-label="Processes">
        <h2>Processes</h2>
        <table className="status-table">
          <thead><tr><th scope="col">Role</th><th scope="col">State</th><th scope="col">Since</th><th scope="col" className="number">Restarts</th><th scope="col" className="number">Pid</th></tr></thead>
          <tbody>
            {status.roles.map((role) => (
              <tr key={role.name} title={role.lastFailure === '' ? undefined : `Last failure: ${role.lastFailure}`}>
                <th scope="row">{role.name}</th>
                <td><span className={`tally ${role.state === 'running' ? 'ok' : role.state === 'starting' ? 'warn' : 'error'}`}>{role.state}</span></td>
                <td className="numbers" title={role.sinceMs > 0 ? formatFullMoment(role.sinceMs) : undefined}>{role.sinceMs > 0 ? formatAgo(role.sinceMs, now) : ''}</td>
                <td className="number">{role.restarts > 0 ? <span className="tally warn">{role.restarts}</span> : '0'}</td>
                <td className="number muted">{role.pid ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {status.behindBytes !== null && <p className="status-note muted">{status.behindBytes === 0 ? 'Queries see everything that was acknowledged.' : `Queries are ${formatValue(status.behindBytes, 'bytes')} of the journal behind what was acknowledged.`}</p>}
      </section>
      <section className="panel status-panel" aria-label="Listening">
        <h2>Listening</h2>
        <table className="status-table">
          <thead><tr><th scope="col">Address</th><th scope="col">What for</th></tr></thead>
          <tbody>{status.listeners.map((listener) => <tr key={`${listener.name} ${listener.address}`}><th scope="row"><code>{listener.address}</code></th><td>{listener.what}</td></tr>)}</tbody>
        </table>
      </section>
    </div>
  );
}
