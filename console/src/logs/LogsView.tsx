import { useMemo, useState } from 'react';
import type { FormEvent } from 'react';
import { useClient } from '../api/context.js';
import { isUnreachable } from '../api/errors.js';
import { queryLogs } from '../api/loki.js';
import type { LogLine } from '../api/loki.js';
import { useLoad } from '../api/use-load.js';
import { navigate } from '../app/place.js';
import { useTitle } from '../app/use-title.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import { SearchIcon } from '../design/icons.js';
import { Instrument } from '../status/Instrument.js';
import { RangePicker } from '../time/RangePicker.js';
import { resolve } from '../time/range.js';
import type { TimeRange } from '../time/range.js';
import { refreshEveryMs } from '../time/refresh.js';
import { RefreshPicker } from '../time/RefreshPicker.js';
import { useNow } from '../time/use-now.js';
import { LabelPicker } from './LabelPicker.js';
import { lineLimits, logsHref, readLogSearch, withFilter, withMatcher } from './log-search.js';
import type { LogSearch } from './log-search.js';
import { toldRange, volumeOf } from './log-volume.js';
import { LogTable } from './LogTable.js';
import { LogVolume } from './LogVolume.js';
import './logs.css';

export function LogsView({ params }: { readonly params: URLSearchParams }) {
  useTitle('Logs');
  const client = useClient();
  const search = readLogSearch(params);
  const href = logsHref(search);
  const [now, renew] = useNow(refreshEveryMs(search.refresh, search.range));
  const found = useLoad(`${now} ${logsHref({ ...search, refresh: '' })}`, async (signal) => {
    const range = resolve(search.range, Date.now());
    return { range, limit: search.limit, answer: await queryLogs(client, { ...search, ...range }, signal) };
  });
  const go = (next: LogSearch): void => {
    if (logsHref(next) === href) renew();
    else navigate(logsHref(next));
  };
  const answer = found.error !== undefined && !isUnreachable(found.error) ? undefined : found.data?.answer;
  return (
    <div className="logs" aria-busy={found.loading}>
      <QueryBar key={href} search={search} go={go} renew={renew} />
      <section className="logs-found" aria-label="Log lines">
        <Progress shown={found.loading} label="Searching" />
        {found.error && <div className="logs-note"><Failure error={found.error} retry={found.reload} /></div>}
        {answer && 'notLines' in answer && <Empty title="This query gives numbers, not lines"><p>The answer is of the type <code>{answer.notLines}</code>. Take the metric function away to see lines; Grafana draws the numbers from the same API.</p></Empty>}
        {answer && 'lines' in answer && answer.lines.length === 0 && <Empty title="No log line matches"><p>Choose a longer time range or fewer conditions. Lines of winston arrive from applications that were started with the agent:</p><Instrument /></Empty>}
        {answer && 'lines' in answer && answer.lines.length > 0 && found.data && <Volume lines={answer.lines} search={search} range={found.data.range} narrow={(range) => { go({ ...search, range }); }} />}
        {answer && 'lines' in answer && answer.lines.length > 0 && <LogTable lines={answer.lines} full={answer.lines.length >= search.limit} nowMs={found.data?.range.toMs ?? 0} add={(label, value) => { go({ ...search, query: withMatcher(search.query, label, value) }); }} filter={(name, value) => { go({ ...search, query: withFilter(search.query, name, value) }); }} />}
      </section>
    </div>
  );
}

/** Bars that fit any window. */
const MOST_BARS = 60;

function Volume({ lines, search, range, narrow }: { readonly lines: readonly LogLine[]; readonly search: LogSearch; readonly range: { readonly fromMs: number; readonly toMs: number }; readonly narrow: (range: TimeRange) => void }) {
  const bars = useMemo(() => {
    const told = toldRange(lines, range, lines.length >= search.limit, search.direction);
    return volumeOf(lines, told.fromMs, told.toMs, MOST_BARS);
  }, [lines, range, search.limit, search.direction]);
  return <LogVolume bars={bars} count={lines.length} narrow={(from, to) => { narrow({ from: String(from), to: String(to) }); }} />;
}

function QueryBar({ search, go, renew }: { readonly search: LogSearch; readonly go: (search: LogSearch) => void; readonly renew: () => void }) {
  const [query, setQuery] = useState(search.query);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (query.trim() !== '') go({ ...search, query: query.trim() });
  };
  return (
    <form className="logs-bar" onSubmit={send} aria-label="Search logs">
      <div className="logs-query">
        <LabelPicker range={search.range} add={(label, value) => { go({ ...search, query: withMatcher(query, label, value) }); }} />
        <input className="input mono" aria-label="LogQL query" placeholder={'{service_name="orders"} |= "timeout"'} spellCheck={false} value={query} onChange={(event) => { setQuery(event.target.value); }} />
        <RangePicker range={search.range} align="end" choose={(range) => { go({ ...search, query: query.trim() || search.query, range }); }} />
        <button type="submit" className="button primary"><SearchIcon />Search</button>
      </div>
      <div className="logs-options">
        <span className="muted">A selector in braces, then filters: <code>|= "text"</code> contains, <code>!= "text"</code> does not, <code>|~ "regex"</code> matches.</span>
        <span className="spacer" />
        <div className="segments" role="group" aria-label="Order">
          <button type="button" aria-pressed={search.direction === 'backward'} onClick={() => { go({ ...search, query, direction: 'backward' }); }}>Newest first</button>
          <button type="button" aria-pressed={search.direction === 'forward'} onClick={() => { go({ ...search, query, direction: 'forward' }); }}>Oldest first</button>
        </div>
        <select className="select logs-limit" aria-label="Limit" value={search.limit} onChange={(event) => { go({ ...search, query, limit: Number(event.target.value) }); }}>
          {lineLimits.map((limit) => <option key={limit} value={limit}>{limit.toLocaleString('en')} lines</option>)}
        </select>
        <RefreshPicker refresh={search.refresh} choose={(refresh) => { go({ ...search, query, refresh }); }} now={renew} />
      </div>
    </form>
  );
}
