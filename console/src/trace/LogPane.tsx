import { memo, useCallback, useMemo, useState } from 'react';
import type { CSSProperties } from 'react';
import type { TraceLog } from '../api/trace-logs.js';
import type { Loading } from '../api/use-load.js';
import { Link } from '../app/Link.js';
import { Failure } from '../design/Notes.js';
import { formatDuration } from '../time/duration.js';
import { formatFullMoment } from '../time/moment.js';
import { AttributeTable } from './AttributeTable.js';
import { linesAround, logsWithin } from './log-scope.js';
import type { LogScope } from './log-scope.js';
import type { TraceModel } from './model.js';
import './log-pane.css';

/** Lines shown before "Show more". */
const PAGE = 500;

const scopes: readonly { readonly scope: LogScope; readonly label: string }[] = [
  { scope: 'all', label: 'Trace' }, { scope: 'span', label: 'Span' }, { scope: 'below', label: 'Span and below' },
];

/** The log lines of the trace. A click on one selects its span. */
export function LogPane({ model, selected, colours, logs, select, scope, choose }: {
  readonly model: TraceModel; readonly selected: number; readonly colours: ReadonlyMap<string, string>; readonly logs: Loading<readonly TraceLog[]>;
  readonly select: (index: number) => void; readonly scope: LogScope; readonly choose: (scope: LogScope) => void;
}) {
  const [text, setText] = useState('');
  const [most, setMost] = useState(PAGE);
  const [opened, setOpened] = useState<TraceLog | null>(null);
  const all = logs.data;
  const shown = useMemo(() => logsWithin(all ?? [], model, scope, selected, text), [all, model, scope, selected, text]);
  const spanId = model.nodes[selected]?.span.spanId;
  const press = useCallback((log: TraceLog) => {
    setOpened((was) => (was === log ? null : log));
    const index = model.byId.get(log.spanId);
    if (index !== undefined) select(index);
  }, [model, select]);
  return (
    <>
      <div className="log-tools">
        <div className="segments" role="group" aria-label="Whose lines">
          {scopes.map((one) => <button key={one.scope} type="button" aria-pressed={scope === one.scope} disabled={one.scope !== 'all' && selected < 0} onClick={() => { choose(one.scope); }}>{one.label}</button>)}
        </div>
        <input className="input" type="search" aria-label="Filter lines" placeholder="Filter lines" value={text} onChange={(event) => { setText(event.target.value); }} />
      </div>
      <div className="pane-scroll log-lines" aria-busy={logs.loading}>
        {logs.error && <div className="log-alarm"><Failure error={logs.error} retry={logs.reload} /></div>}
        {all && shown.length === 0 && <NoLines any={all.length > 0} scope={scope} />}
        <ol>
          {shown.slice(0, most).map((log, index) => (
            <LogLine key={index} log={log} offsetNs={Number(log.timeNs - model.startNs)} colour={colours.get(log.service)} ofSelected={log.spanId !== '' && log.spanId === spanId} open={log === opened} press={press} />
          ))}
        </ol>
        {shown.length > most && <button type="button" className="button log-more" onClick={() => { setMost(most + PAGE); }}>Show {Math.min(PAGE, shown.length - most)} of {shown.length - most} more</button>}
        {all && <Further model={model} selected={selected} any={all.length > 0} />}
      </div>
    </>
  );
}

const LogLine = memo(function LogLine({ log, offsetNs, colour, ofSelected, open, press }: {
  readonly log: TraceLog; readonly offsetNs: number; readonly colour: string | undefined; readonly ofSelected: boolean; readonly open: boolean; readonly press: (log: TraceLog) => void;
}) {
  return (
    <li className={`log-line ${log.severity}${ofSelected ? ' selected' : ''}`} style={{ '--colour': colour } as CSSProperties}>
      <button type="button" aria-expanded={open} onClick={() => { press(log); }}>
        <span className="log-offset numbers" title={formatFullMoment(Number(log.timeNs / 1_000_000n))}>{offsetNs < 0 ? '−' : '+'}{formatDuration(Math.abs(offsetNs))}</span>
        <span className="log-severity">{log.severityText || log.severity}</span>
        <span className="log-service" title={log.service}>{log.service}</span>
        <span className="log-body">{log.body}</span>
      </button>
      {open && <div className="log-more-of"><AttributeTable attributes={log.attributes} search={null} /></div>}
    </li>
  );
});

/** On the page of all lines: those of this trace, and what the service wrote at that time, whether it named the trace or not. */
function Further({ model, selected, any }: { readonly model: TraceModel; readonly selected: number; readonly any: boolean }) {
  const node = model.nodes[selected] ?? model.nodes[0];
  if (node === undefined) return null;
  const { ofTrace, ofService } = linesAround(model, node);
  return (
    <p className="log-further">
      {any && <Link href={ofTrace}>These lines under Logs</Link>}
      <Link href={ofService}>All lines of {node.span.service} at that time</Link>
    </p>
  );
}

function NoLines({ any, scope }: { readonly any: boolean; readonly scope: LogScope }) {
  if (any) return <p className="pane-empty muted">{scope === 'all' ? 'No line holds this text.' : 'No such line. Choose “Trace” to see all of them.'}</p>;
  return <p className="pane-empty muted">No log line carries this trace’s id. The agent puts it on winston’s lines; other loggers must send <code>trace_id</code> with their OTLP records.</p>;
}
