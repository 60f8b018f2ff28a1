import { memo } from 'react';
import type { MouseEvent } from 'react';
import { useClient } from '../api/context.js';
import { traceUrl } from '../api/trace.js';
import { Copy } from '../design/Notes.js';
import { DownloadIcon, ReloadIcon } from '../design/icons.js';
import { Service } from '../design/Service.js';
import { formatDuration } from '../time/duration.js';
import { formatAgo, formatFullMoment } from '../time/moment.js';
import type { TraceModel } from './model.js';

export const TraceHeader = memo(function TraceHeader({ model, colours, reload, nextFailed }: { readonly model: TraceModel; readonly colours: ReadonlyMap<string, string>; readonly reload: () => void; readonly nextFailed: () => void }) {
  const root = model.nodes[0];
  const startMs = Number(model.startNs / 1_000_000n);
  return (
    <header className="trace-header">
      <div className="trace-title">
        {root && <Service name={root.span.service} colour={colours.get(root.span.service)} />}
        <h1 title={root?.span.name}>{root?.span.name}</h1>
        {root?.orphan && <span className="tally warn" title="The parent of the first span is not stored, or not yet">root missing</span>}
        {model.failed.length > 0 && <button type="button" className="tally error tally-button" title="Go to the next span that failed, as n does in the waterfall" onClick={nextFailed}>{model.failed.length} failed</button>}
        <span className="spacer" />
        <code className="trace-id muted">{model.traceId}</code><Copy text={model.traceId} what="trace id" />
        <button type="button" className="button small" onClick={reload} title="Load the trace again: more of it may have arrived"><ReloadIcon />Reload</button>
        <Download traceId={model.traceId} />
      </div>
      <div className="trace-facts">
        <dl>
          <div><dt>Duration</dt><dd className="numbers">{formatDuration(model.durationNs)}</dd></div>
          <div><dt>Started</dt><dd className="numbers">{formatFullMoment(startMs)} <span className="muted">{formatAgo(startMs, Date.now())}</span></dd></div>
          <div><dt>Spans</dt><dd className="numbers">{model.nodes.length.toLocaleString('en')}</dd></div>
          <div title={model.services.map(({ name, spans }) => `${name}: ${spans.toLocaleString('en')}`).join('\n')}><dt>Services</dt><dd className="numbers">{model.services.length}</dd></div>
          <div><dt>Depth</dt><dd className="numbers">{model.depth}</dd></div>
        </dl>
        <ul className="trace-services" aria-label="Services">
          {model.services.map(({ name, spans }) => <li key={name}><Service name={name} colour={colours.get(name)} /><span className="muted numbers">{spans.toLocaleString('en')}</span></li>)}
        </ul>
      </div>
    </header>
  );
});

/** A link to the trace's JSON. The answer is fetched here, since a link could not carry the token. */
function Download({ traceId }: { readonly traceId: string }) {
  const client = useClient();
  const href = traceUrl(traceId);
  const save = (event: MouseEvent): void => {
    event.preventDefault();
    void client.get(href, {}, new AbortController().signal).then((json) => {
      const url = URL.createObjectURL(new Blob([JSON.stringify(json, null, 2)], { type: 'application/json' }));
      const anchor = document.createElement('a');
      anchor.href = url;
      anchor.download = `trace-${traceId}.json`;
      anchor.click();
      URL.revokeObjectURL(url);
    });
  };
  return <a className="button small" href={href} download={`trace-${traceId}.json`} onClick={save}><DownloadIcon />JSON</a>;
}
