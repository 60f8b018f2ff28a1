import type { FoundTrace } from '../api/search.js';
import { Link } from '../app/Link.js';
import { Service } from '../design/Service.js';
import { formatAgo, formatMoment } from '../time/moment.js';
import { durationText, firstService, operationOf } from './found-trace.js';
import './result-list.css';

/** Services of a trace that are named; how many more there are stands behind them. */
const MOST_SERVICES = 4;

/** Traces as rows; each is a link. */
export function ResultList({ traces, colours, nowMs }: { readonly traces: readonly FoundTrace[]; readonly colours: ReadonlyMap<string, string>; readonly nowMs: number }) {
  const longestNs = Math.max(...traces.map(({ durationNs }) => durationNs));
  return (
    <table className="results">
      <thead>
        <tr><th scope="col">Trace</th><th scope="col" className="col-services">Services</th><th scope="col" className="col-spans">Spans</th><th scope="col" className="col-errors">Failed</th><th scope="col" className="col-duration">Duration</th><th scope="col" className="col-start">Started</th></tr>
      </thead>
      <tbody>
        {traces.map((trace) => (
          <tr key={trace.traceId}>
            <td>
              <Link className="result-name" href={`/trace/${trace.traceId}`} title={trace.traceId}>
                <Service name={firstService(trace)} colour={colours.get(firstService(trace))} /><span className={trace.rootService === '' ? 'result-operation muted' : 'result-operation'}>{operationOf(trace)}</span>
              </Link>
            </td>
            <td className="col-services" title={trace.services.map(({ name, spans, errors }) => `${name}: ${spans} spans${errors > 0 ? `, ${errors} failed` : ''}`).join('\n')}>
              <div className="result-services">
                {trace.services.slice(0, MOST_SERVICES).map(({ name, spans }) => <span key={name} className="result-service"><Service name={name} colour={colours.get(name)} /><span className="muted numbers">{spans}</span></span>)}
                {trace.services.length > MOST_SERVICES && <span className="tally">+{trace.services.length - MOST_SERVICES}</span>}
              </div>
            </td>
            <td className="col-spans numbers">{trace.spans}</td>
            <td className="col-errors">{trace.errors > 0 && <span className="tally error">{trace.errors}</span>}</td>
            <td className="col-duration numbers">
              <div className="result-bar" style={{ width: `${barShare(trace.durationNs, longestNs) * 100}%` }} />
              <span>{durationText(trace.durationNs)}</span>
            </td>
            <td className="col-start numbers" title={formatAgo(trace.startMs, nowMs)}>{formatMoment(trace.startMs, nowMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Logarithmic, as the scatter is: one very long trace would make all other bars the same. */
function barShare(ns: number, longestNs: number): number {
  const least = 5.5;
  return Math.max(0.01, (Math.log10(Math.max(ns, 1)) - least) / Math.max(1, Math.log10(Math.max(longestNs, 1)) - least));
}
