import { useMemo, useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import { useClient } from '../api/context.js';
import { labelValues } from '../api/prometheus.js';
import { useLoad } from '../api/use-load.js';
import { Link } from '../app/Link.js';
import { navigate } from '../app/place.js';
import { useTitle } from '../app/use-title.js';
import { readPanel } from '../dashboards/grafana-json/read-panel.js';
import type { Panel } from '../dashboards/model.js';
import { PanelFrame } from '../dashboards/panels/PanelFrame.js';
import { Empty } from '../design/Notes.js';
import { SearchIcon } from '../design/icons.js';
import { Instrument } from '../status/Instrument.js';
import { RangePicker } from '../time/RangePicker.js';
import { resolve } from '../time/range.js';
import { refreshEveryMs } from '../time/refresh.js';
import { RefreshPicker } from '../time/RefreshPicker.js';
import { useNow } from '../time/use-now.js';
import { exploreHref, firstQuery, readExplore, unitOf } from './explore-query.js';
import type { ExploreQuery } from './explore-query.js';
import { MetricPicker } from './MetricPicker.js';
import './explore.css';

/** Any question to the metrics, in PromQL. */
export function ExploreView({ params }: { readonly params: URLSearchParams }) {
  useTitle('Metrics');
  const query = readExplore(params);
  const href = exploreHref(query);
  const [now, renew] = useNow(refreshEveryMs(query.refresh, query.range));
  const { fromMs, toMs } = resolve(query.range, now);
  const span = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  const panel = useMemo(() => panelOf(query.expr, query.shape), [query.expr, query.shape]);
  const go = (next: ExploreQuery): void => {
    renew();
    navigate(exploreHref(next));
  };
  return (
    <div className="page explore">
      <QueryBar key={href} query={query} go={go} renew={renew} />
      {query.expr === '' ? <Beginning query={query} go={go} /> : (
        <>
          <div className="explore-panel"><PanelFrame explored panel={panel} choices={[]} range={query.range} span={span} zoom={(from, to) => { go({ ...query, range: { from: String(from), to: String(to) } }); }} /></div>
          {query.shape === 'graph' && <p className="muted">Click on a line for the traces and log lines of that moment; drag across to zoom.</p>}
        </>
      )}
    </div>
  );
}

function QueryBar({ query, go, renew }: { readonly query: ExploreQuery; readonly go: (query: ExploreQuery) => void; readonly renew: () => void }) {
  const [expr, setExpr] = useState(query.expr);
  const own = { ...query, expr: expr.trim() };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    go(own);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    go(own);
  };
  return (
    <form className="panel explore-bar" onSubmit={send} aria-label="Query metrics">
      <div className="explore-query">
        <MetricPicker range={query.range} choose={(metric, type) => { go({ ...query, expr: firstQuery(metric, type) }); }} />
        <textarea className="input mono" aria-label="PromQL query" placeholder="sum by (job) (rate(http_server_request_duration_seconds_count[$__rate_interval]))" spellCheck={false} rows={Math.min(8, Math.max(1, expr.split('\n').length))}
          value={expr} onKeyDown={onKey} onChange={(event) => { setExpr(event.target.value); }} />
        <button type="submit" className="button primary"><SearchIcon />Run</button>
      </div>
      <div className="explore-options">
        <span className="muted">PromQL. Enter runs it, Shift+Enter begins a line; <code>$__rate_interval</code> fits the range.</span>
        <span className="spacer" />
        <div className="segments" role="group" aria-label="Shown as">
          <button type="button" aria-pressed={query.shape === 'graph'} onClick={() => { go({ ...own, shape: 'graph' }); }}>Graph</button>
          <button type="button" aria-pressed={query.shape === 'table'} onClick={() => { go({ ...own, shape: 'table' }); }}>Table</button>
        </div>
        <RangePicker range={query.range} align="end" choose={(range) => { go({ ...own, range }); }} />
        <RefreshPicker refresh={query.refresh} choose={(refresh) => { go({ ...own, refresh }); }} now={renew} />
      </div>
    </form>
  );
}

/** Before anything is asked: what could be. */
function Beginning({ query, go }: { readonly query: ExploreQuery; readonly go: (query: ExploreQuery) => void }) {
  const client = useClient();
  const names = useLoad(JSON.stringify(query.range), (signal) => labelValues(client, '__name__', '', resolve(query.range, Date.now()), signal));
  if (names.data === undefined) return null;
  if (names.data.length === 0) {
    return <div className="panel"><Empty title="No metrics in this time range"><p>Choose a longer one. Applications that run with the agent send theirs every 10 seconds:</p><Instrument /></Empty></div>;
  }
  const some = ['http_server_request_duration_seconds_bucket', 'rpc_server_call_duration_seconds_bucket', 'db_client_operation_duration_seconds_bucket', 'process_resident_memory_bytes', 'http_server_request_duration_seconds_count'].filter((name) => names.data?.includes(name));
  return (
    <div className="panel"><Empty title={`${names.data.length.toLocaleString('en')} metrics to ask`}>
      <p>Choose one under “Metrics”, or write PromQL{some.length > 0 ? ', such as' : ''}</p>
      <ul className="explore-some">{some.slice(0, 3).map((name) => <li key={name}><Link href={exploreHref({ ...query, expr: firstQuery(name, '') })} onClick={(event) => { event.preventDefault(); go({ ...query, expr: firstQuery(name, '') }); }}><code>{firstQuery(name, '')}</code></Link></li>)}</ul>
    </Empty></div>
  );
}

function panelOf(expr: string, shape: ExploreQuery['shape']): Panel {
  return readPanel({
    type: shape === 'graph' ? 'timeseries' : 'table', title: shape === 'graph' ? 'Graph' : 'At the end of the range',
    targets: [{ refId: 'A', expr, exemplar: true, legendFormat: '__auto' }],
    transformations: shape === 'table' ? [{ id: 'organize', options: { excludeByName: { Time: true } } }] : [],
    fieldConfig: { defaults: { unit: unitOf(expr), custom: { lineWidth: 1.5, fillOpacity: 6 } } },
  });
}
