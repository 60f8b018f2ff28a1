import { useMemo, useState } from 'react';
import type { CSSProperties } from 'react';
import type { LogLine } from '../api/loki.js';
import { Link } from '../app/Link.js';
import { Copy } from '../design/Notes.js';
import { useServiceColours } from '../design/use-service-colours.js';
import { formatMoment } from '../time/moment.js';
import '../design/attributes.css';

/** Lines drawn before "Show more". */
const PAGE = 500;

export function LogTable({ lines, full, nowMs, add }: { readonly lines: readonly LogLine[]; readonly full: boolean; readonly nowMs: number; readonly add: (label: string, value: string) => void }) {
  const [most, setMost] = useState(PAGE);
  const [opened, setOpened] = useState<ReadonlySet<LogLine>>(() => new Set());
  const colours = useServiceColours(useMemo(() => [...new Set(lines.map(serviceOf))], [lines]));
  const toggle = (line: LogLine): void => {
    const next = new Set(opened);
    if (!next.delete(line)) next.add(line);
    setOpened(next);
  };
  return (
    <>
      <p className="logs-count"><strong>{lines.length.toLocaleString('en')} {lines.length === 1 ? 'line' : 'lines'}</strong>{full && <span className="muted"> There may be more: narrow the query or raise the limit.</span>}</p>
      <ol className="logs-lines">
        {lines.slice(0, most).map((line, index) => (
          <li key={index} className={`logs-line ${line.severity}`} style={{ '--colour': colours.get(serviceOf(line)) } as CSSProperties}>
            <div className="logs-row">
              <button type="button" className="logs-press" aria-expanded={opened.has(line)} onClick={() => { toggle(line); }}>
                <span className="logs-time numbers">{formatMoment(Number(line.timeNs / 1_000_000n), nowMs)}</span>
                <span className="logs-severity">{line.severity === 'unknown' ? '' : line.severity}</span>
                <span className="logs-service" title={serviceOf(line)}>{serviceOf(line)}</span>
                <span className="logs-text">{line.line}</span>
              </button>
              {traceOf(line) !== '' && <Link className="logs-trace" href={traceHref(line)} title={`Open the trace ${traceOf(line)}`}>Trace</Link>}
            </div>
            {opened.has(line) && <Details line={line} add={add} />}
          </li>
        ))}
      </ol>
      {lines.length > most && <button type="button" className="button logs-more" onClick={() => { setMost(most + PAGE); }}>Show {Math.min(PAGE, lines.length - most)} of {(lines.length - most).toLocaleString('en')} more</button>}
    </>
  );
}

function Details({ line, add }: { readonly line: LogLine; readonly add: (label: string, value: string) => void }) {
  const rows = [...Object.entries(line.labels).map(([key, value]) => ({ key, value, label: true })), ...Object.entries(line.fields).map(([key, value]) => ({ key, value, label: false }))];
  return (
    <table className="attributes logs-details">
      <tbody>
        {rows.sort((a, b) => Number(b.label) - Number(a.label) || a.key.localeCompare(b.key)).map(({ key, value, label }) => (
          <tr key={`${key} ${String(label)}`}>
            <th scope="row">{key}</th>
            <td><div className="attribute-value">{value}</div></td>
            <td className="attribute-ways">{label && <button type="button" className="text-button" onClick={() => { add(key, value); }}>Only these</button>}<Copy text={value} what={key} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const serviceOf = (line: LogLine): string => line.labels['service_name'] ?? line.fields['service_name'] ?? '';

function traceOf(line: LogLine): string {
  const id = line.fields['trace_id'] ?? line.labels['trace_id'] ?? '';
  return /^[0-9a-f]{32}$/.test(id) ? id : '';
}

function traceHref(line: LogLine): string {
  const span = line.fields['span_id'] ?? line.labels['span_id'] ?? '';
  return /^[0-9a-f]{16}$/.test(span) ? `/trace/${traceOf(line)}?span=${span}&tab=logs` : `/trace/${traceOf(line)}`;
}
