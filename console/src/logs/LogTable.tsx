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

type Narrow = (name: string, value: string) => void;

/** `add` narrows by a label of the stream, `filter` by what else is known of a line. */
export function LogTable({ lines, full, nowMs, add, filter }: { readonly lines: readonly LogLine[]; readonly full: boolean; readonly nowMs: number; readonly add: Narrow; readonly filter: Narrow }) {
  const [most, setMost] = useState(PAGE);
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set());
  const colours = useServiceColours(useMemo(() => [...new Set(lines.map(serviceOf))], [lines]));
  const toggle = (key: string): void => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <>
      <p className="logs-count"><strong>{lines.length.toLocaleString('en')} {lines.length === 1 ? 'line' : 'lines'}</strong>{full && <span className="muted"> There may be more: narrow the query or raise the limit.</span>}</p>
      <ol className="logs-lines">
        {keyed(lines.slice(0, most)).map(({ line, key }) => (
          <li key={key} className={`logs-line ${line.severity}`} style={{ '--colour': colours.get(serviceOf(line)) } as CSSProperties}>
            <div className="logs-row">
              <button type="button" className="logs-press" aria-expanded={opened.has(key)} onClick={() => { toggle(key); }}>
                <span className="logs-time numbers">{formatMoment(Number(line.timeNs / 1_000_000n), nowMs)}</span>
                <span className="logs-severity">{line.severity === 'unknown' ? '' : line.severity}</span>
                <span className="logs-service" title={serviceOf(line)}>{serviceOf(line)}</span>
                <span className="logs-text">{line.line}</span>
              </button>
              {traceOf(line) !== '' && <Link className="logs-trace" href={traceHref(line)} title={`Open the trace ${traceOf(line)}`}>Trace</Link>}
            </div>
            {opened.has(key) && <Details line={line} add={add} filter={filter} />}
          </li>
        ))}
      </ol>
      {lines.length > most && <button type="button" className="button logs-more" onClick={() => { setMost(most + PAGE); }}>Show {Math.min(PAGE, lines.length - most)} of {(lines.length - most).toLocaleString('en')} more</button>}
    </>
  );
}

function Details({ line, add, filter }: { readonly line: LogLine; readonly add: Narrow; readonly filter: Narrow }) {
  const rows = [...Object.entries(line.labels).map(([key, value]) => ({ key, value, label: true })), ...Object.entries(line.fields).map(([key, value]) => ({ key, value, label: false }))];
  return (
    <table className="attributes logs-details">
      <tbody>
        {rows.sort((a, b) => Number(b.label) - Number(a.label) || a.key.localeCompare(b.key)).map(({ key, value, label }) => (
          <tr key={`${key} ${String(label)}`}>
            <th scope="row">{key}</th>
            <td><div className="attribute-value">{value}</div></td>
            <td className="attribute-ways">{(label || value.length < 500) && <button type="button" className="text-button" title={`Only lines whose ${key} is this`} onClick={() => { (label ? add : filter)(key, value); }}>Only these</button>}<Copy text={value} what={key} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Lines with keys of their own, so that one that is open stays so when newer ones come before it. */
function keyed(lines: readonly LogLine[]): readonly { readonly line: LogLine; readonly key: string }[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const key = `${line.timeNs} ${serviceOf(line)} ${line.line.slice(0, 100)}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return { line, key: times === 0 ? key : `${key} ${times}` };
  });
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
