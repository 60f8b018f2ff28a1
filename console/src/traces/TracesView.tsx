import { useEffect, useMemo, useState } from 'react';
import { isUnreachable } from '../api/errors.js';
import { listServices, searchTraces } from '../api/search.js';
import type { FoundTrace } from '../api/search.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { navigate } from '../app/place.js';
import { useTitle } from '../app/use-title.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import { useServiceColours } from '../design/use-service-colours.js';
import { Instrument, OtlpAddresses } from '../status/Instrument.js';
import { rangeLabel, resolve } from '../time/range.js';
import { refreshEveryMs } from '../time/refresh.js';
import { RefreshPicker } from '../time/RefreshPicker.js';
import { useNow } from '../time/use-now.js';
import { ResultList } from './ResultList.js';
import { Scatter } from './Scatter.js';
import { emptySearch, readSearch, searchHref } from './search.js';
import type { Order, TraceSearch } from './search.js';
import { SearchForm } from './SearchForm.js';
import { toTraceQl } from './trace-ql.js';
import './traces.css';

/** Between two looks for the very first trace. */
const WAITING_MS = 3_000;

export function TracesView({ params }: { readonly params: URLSearchParams }) {
  useTitle('Traces');
  const client = useClient();
  const search = readSearch(params);
  const href = searchHref(search);
  const [anything, setAnything] = useState(true);
  // Before anything has arrived, whoever waits for the first trace need not ask for it.
  const [now, renew] = useNow(anything ? refreshEveryMs(search.refresh, search.range) : WAITING_MS);
  const services = useLoad(`services ${now}`, (signal) => listServices(client, signal));
  const none = services.data?.length === 0;
  useEffect(() => { setAnything(!none); }, [none]);
  const translated = toTraceQl(search);
  const query = 'query' in translated ? translated.query : null;
  // The order is applied here, so it asks for nothing anew.
  const key = query === null ? null : `${now} ${searchHref({ ...search, order: 'newest', refresh: '' })}`;
  const found = useLoad(key, async (signal) => {
    const range = resolve(search.range, Date.now());
    return { range, traces: await searchTraces(client, query ?? '{}', range, search.limit, signal) };
  });

  const submit = (next: TraceSearch): void => {
    if (searchHref(next) === href) renew();
    else navigate(searchHref(next));
  };
  return (
    <div className="traces">
      <aside className="traces-form">
        <SearchForm key={href} search={search} services={services.data ?? []} submit={submit} />
      </aside>
      <section className="traces-results" aria-label="Traces found" aria-busy={found.loading}>
        <Progress shown={found.loading} label="Searching" />
        {services.error && found.error === undefined && <div className="traces-alarm"><Failure error={services.error} retry={services.reload} /></div>}
        {found.error && <div className="traces-alarm"><Failure error={found.error} retry={found.reload} /></div>}
        {(found.error === undefined || isUnreachable(found.error)) && found.data && <Results search={search} {...found.data} known={services.data} renew={renew} />}
      </section>
    </div>
  );
}

function Results({ search, traces, range, known, renew }: {
  readonly search: TraceSearch; readonly traces: readonly FoundTrace[]; readonly range: { readonly fromMs: number; readonly toMs: number }; readonly known: readonly string[] | undefined; readonly renew: () => void;
}) {
  const names = useMemo(() => [...(known ?? []), ...traces.flatMap(({ services, rootService }) => [rootService, ...services.map(({ name }) => name)])], [known, traces]);
  const colours = useServiceColours(names);
  const ordered = useMemo(() => [...traces].sort((a, b) => (search.order === 'longest' ? b.durationNs - a.durationNs : b.startMs - a.startMs)), [traces, search.order]);
  if (traces.length === 0) return <Nothing search={search} known={known} />;
  const failed = traces.filter(({ errors }) => errors > 0).length;
  const order = (next: Order): void => { navigate(searchHref({ ...search, order: next }), 'replace'); };
  return (
    <>
      <div className="panel traces-scatter">
        <Scatter traces={ordered} fromMs={seenFrom(search, traces, range)} toMs={range.toMs} narrow={(from, to) => { navigate(searchHref({ ...search, range: { from: String(from), to: String(to) } })); }} />
      </div>
      <div className="traces-head">
        <h1>{traces.length === 1 ? '1 trace' : `${traces.length} traces`}</h1>
        {failed > 0 && <span className="tally error">{failed} with failures</span>}
        {traces.length >= search.limit && <span className="muted">The newest of possibly more: narrow the search or raise the limit.</span>}
        <span className="spacer" />
        <div className="segments" role="group" aria-label="Order">
          <button type="button" aria-pressed={search.order === 'newest'} onClick={() => { order('newest'); }}>Newest</button>
          <button type="button" aria-pressed={search.order === 'longest'} onClick={() => { order('longest'); }}>Longest</button>
        </div>
        <RefreshPicker refresh={search.refresh} choose={(refresh) => { navigate(searchHref({ ...search, refresh }), 'replace'); }} now={renew} />
      </div>
      <div className="panel traces-list"><ResultList traces={ordered} colours={colours} nowMs={range.toMs} /></div>
    </>
  );
}

/** Where the limit left older traces out, the scatter begins with the oldest that is there. */
function seenFrom(search: TraceSearch, traces: readonly FoundTrace[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number {
  if (traces.length < search.limit) return fromMs;
  const oldest = Math.min(...traces.map(({ startMs }) => startMs));
  return Math.max(fromMs, oldest - (toMs - oldest) * 0.03 - 1);
}

function Nothing({ search, known }: { readonly search: TraceSearch; readonly known: readonly string[] | undefined }) {
  if (known?.length === 0) {
    return (
      <div className="panel"><Empty title="No traces have arrived yet">
        <p>Start a Node.js application with the agent, and its requests, log lines and metrics appear here:</p>
        <Instrument />
        <p>Anything else that speaks OTLP sends to <OtlpAddresses />. This page looks for them every few seconds. If data should be here, <code>npx signalbox doctor</code> says why it is not.</p>
      </Empty></div>
    );
  }
  const narrow = searchHref({ ...search, range: emptySearch.range }) !== searchHref({});
  return (
    <div className="panel"><Empty title="No trace matches">
      <p>{narrow ? `Nothing in the range “${rangeLabel(search.range, Date.now())}” fits all conditions. Take one away or choose a longer range.` : `Nothing has arrived in the range “${rangeLabel(search.range, Date.now())}”. Choose a longer one.`}</p>
      <div className="traces-ways">
        <button type="button" className="button" onClick={() => { navigate(searchHref({ ...search, range: { from: 'now-24h', to: 'now' } })); }}>Search the last 24 hours</button>
        {narrow && <button type="button" className="button" onClick={() => { navigate(searchHref({ range: search.range })); }}>Clear the conditions</button>}
      </div>
    </Empty></div>
  );
}
