import type { SpanEvent, SpanLink, TraceSpan } from '../api/trace.js';
import { Link } from '../app/Link.js';
import { Copy } from '../design/Notes.js';
import { Service } from '../design/Service.js';
import { formatDuration } from '../time/duration.js';
import { formatFullMoment } from '../time/moment.js';
import { AttributeTable } from './AttributeTable.js';
import type { TraceModel, TraceNode } from './model.js';
import './span-pane.css';

/** All that is known of the selected span. */
export function SpanPane({ model, selected, colours, select }: {
  readonly model: TraceModel; readonly selected: number; readonly colours: ReadonlyMap<string, string>; readonly select: (index: number) => void;
}) {
  const node = model.nodes[selected];
  if (node === undefined) return <p className="pane-empty muted">Select a span to see its attributes, events and links.</p>;
  const { span } = node;
  return (
    <div className="pane-scroll span-pane" key={selected} tabIndex={0} role="group" aria-label={`Span ${span.name}`}>
      <div className="span-head">
        <div><Service name={span.service} colour={colours.get(span.service)} /><span className="muted">{span.kind === 'unspecified' ? '' : span.kind}</span></div>
        <h2>{span.name}</h2>
      </div>
      {span.status === 'error' && <div className="alarm"><div><strong>Failed</strong>{reasonOf(span) !== '' && <p>{reasonOf(span)}</p>}</div></div>}
      <Facts node={node} model={model} select={select} />
      {span.events.length > 0 && <section><h3>Events</h3><ol className="events">{span.events.map((event, index) => <EventItem key={index} event={event} spanStartNs={span.startNs} />)}</ol></section>}
      <section><h3>Attributes</h3><AttributeTable attributes={span.attributes} search={{ service: span.service }} /></section>
      {span.links.length > 0 && <section><h3>Links</h3><ul className="links">{span.links.map((link, index) => <LinkItem key={index} link={link} model={model} select={select} />)}</ul></section>}
      <section><h3>Resource</h3><AttributeTable attributes={span.resource} search={{}} /></section>
      {span.scope !== '' && <p className="muted span-scope">Recorded by <code>{span.scope}</code></p>}
      {span.dropped > 0 && <p className="muted span-scope">{span.dropped} attributes, events or links were dropped by the sender, whose limits they exceeded.</p>}
    </div>
  );
}

/** The status' message, or what the semantic conventions put in its place: `error.type`, a class or a status code. */
function reasonOf({ statusMessage, attributes }: TraceSpan): string {
  return statusMessage || (attributes.find(({ key }) => key === 'error.type')?.value ?? '');
}

function Facts({ node, model, select }: { readonly node: TraceNode; readonly model: TraceModel; readonly select: (index: number) => void }) {
  const { span } = node;
  const parent = model.nodes[node.parent];
  const share = model.durationNs > 0 ? (node.durationNs / model.durationNs) * 100 : 0;
  return (
    <dl className="facts">
      <dt>Duration</dt><dd className="numbers"><strong>{formatDuration(node.durationNs)}</strong> <span className="muted">{share >= 0.1 ? `${share.toFixed(share >= 10 ? 0 : 1)} % of the trace` : ''}</span></dd>
      <dt>Starts</dt><dd className="numbers">+{formatDuration(node.offsetNs)} <span className="muted">{formatFullMoment(Number(span.startNs / 1_000_000n))}</span></dd>
      <dt>Status</dt><dd>{span.status === 'error' ? <span className="tally error">error</span> : span.status === 'ok' ? <span className="tally ok">ok</span> : <span className="muted">unset</span>}</dd>
      <dt>Span id</dt><dd><code>{span.spanId}</code><Copy text={span.spanId} what="span id" /></dd>
      <dt>Parent</dt>
      <dd>
        {parent ? <button type="button" className="text-button" onClick={() => { select(parent.index); }}>{parent.span.service === span.service ? '' : `${parent.span.service} `}{parent.span.name}</button>
          : node.orphan ? <span><code>{span.parentId}</code> <span className="tally warn">not stored</span></span> : <span className="muted">none: the root</span>}
      </dd>
    </dl>
  );
}

function EventItem({ event, spanStartNs }: { readonly event: SpanEvent; readonly spanStartNs: bigint }) {
  const text = (key: string): string => event.attributes.find((attribute) => attribute.key === key)?.value ?? '';
  const exception = event.name === 'exception';
  const stack = text('exception.stacktrace');
  const rest = exception ? event.attributes.filter(({ key }) => !['exception.type', 'exception.message', 'exception.stacktrace'].includes(key)) : event.attributes;
  return (
    <li className={exception ? 'event exception' : 'event'}>
      <div className="event-head"><strong>{exception ? text('exception.type') || 'exception' : event.name}</strong><span className="muted numbers">+{formatDuration(Number(event.timeNs - spanStartNs))}</span></div>
      {exception && text('exception.message') !== '' && <p>{text('exception.message')}</p>}
      {stack !== '' && <details open><summary>Stack</summary><pre tabIndex={0}>{stack}</pre></details>}
      {rest.length > 0 && <AttributeTable attributes={rest} search={null} />}
    </li>
  );
}

function LinkItem({ link, model, select }: { readonly link: SpanLink; readonly model: TraceModel; readonly select: (index: number) => void }) {
  const within = link.traceId === model.traceId ? model.byId.get(link.spanId) : undefined;
  return (
    <li>
      {within === undefined
        ? <Link href={`/trace/${link.traceId}?span=${link.spanId}`}>Trace <code>{link.traceId.slice(0, 16)}…</code> span <code>{link.spanId}</code></Link>
        : <button type="button" className="text-button" onClick={() => { select(within); }}>{model.nodes[within]?.span.name} <code>{link.spanId}</code>, in this trace</button>}
      {link.attributes.length > 0 && <AttributeTable attributes={link.attributes} search={null} />}
    </li>
  );
}
