import { memo } from 'react';
import type { CSSProperties } from 'react';
import { formatDuration } from '../time/duration.js';
import type { TraceNode } from './model.js';
import { barPlace } from './zoom.js';
import type { Zoom } from './zoom.js';

export const ROW_HEIGHT = 26;
/** Deeper spans are not indented further: their names would have no room. */
const DEEPEST = 24;

export interface WaterfallRowProps {
  readonly node: TraceNode;
  readonly row: number;
  readonly count: number;
  readonly columns: string;
  readonly colour: string | undefined;
  readonly totalNs: number;
  readonly startNs: bigint;
  readonly zoom: Zoom;
  readonly showService: boolean;
  readonly selected: boolean;
  readonly folded: boolean;
  readonly select: (index: number) => void;
  readonly toggle: (index: number) => void;
}

export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps) {
  const { node, row, count, columns, colour, totalNs, startNs, zoom, showService, selected, folded, select, toggle } = props;
  const { span, index, depth, below } = node;
  const failed = span.status === 'error';
  const place = barPlace(node.offsetNs, node.durationNs, totalNs, zoom);
  return (
    <div id={`span-${index}`} role="treeitem" aria-level={depth + 1} aria-selected={selected} aria-expanded={below > 0 ? !folded : undefined} aria-setsize={count} aria-posinset={row + 1}
      aria-label={`${span.service} ${span.name}, ${formatDuration(node.durationNs)}${failed ? ', failed' : ''}`}
      className={`wf-row${selected ? ' selected' : ''}${failed ? ' failed' : ''}`} style={{ top: row * ROW_HEIGHT, height: ROW_HEIGHT, gridTemplateColumns: columns, '--colour': colour } as CSSProperties} onClick={() => { select(index); }}>
      <div className="wf-name" style={{ paddingLeft: 6 + Math.min(depth, DEEPEST) * 13 }} title={`${span.service}\n${span.name}`}>
        {below > 0
          ? <button type="button" tabIndex={-1} className={folded ? 'wf-toggle folded' : 'wf-toggle'} aria-hidden="true" onClick={(event) => { event.stopPropagation(); toggle(index); }}><svg width="9" height="9" viewBox="0 0 9 9"><path d="M1.5 3 4.5 6 7.5 3" fill="none" stroke="currentColor" strokeWidth="1.5" /></svg></button>
          : <span className="wf-leaf" />}
        <span className="wf-stripe" />
        {showService && <span className="wf-service">{span.service}</span>}
        <span className="wf-operation">{span.name}</span>
        {failed && <span className="wf-mark" aria-hidden="true">!</span>}
        {node.orphan && <span className="tally warn" title={`Its parent ${span.parentId} is not stored, or not yet`}>no parent</span>}
        {folded && <span className={node.failedBelow > 0 ? 'tally error' : 'tally'}>+{below}</span>}
      </div>
      <div className="wf-track">
        {place === null
          ? <span className="wf-outside muted">{node.offsetNs / Math.max(1, totalNs) > zoom.to ? '→' : '←'}</span>
          : <Bar place={place} durationNs={node.durationNs} events={span.events.map((event) => ({ at: eventPlace(Number(event.timeNs - startNs), totalNs, zoom), failed: event.name === 'exception' }))} />}
      </div>
    </div>
  );
});

function Bar({ place, durationNs, events }: { readonly place: { readonly left: number; readonly width: number }; readonly durationNs: number; readonly events: readonly { readonly at: number; readonly failed: boolean }[] }) {
  // The duration stands beside the bar where there is room, else within it.
  const right = place.left + place.width;
  const style: CSSProperties = right < 84 ? { left: `calc(${right}% + 5px)` } : place.left > 16 ? { right: `calc(${100 - place.left}% + 5px)` } : { left: `calc(${place.left}% + 8px)` };
  const within = right >= 84 && place.left <= 16;
  return (
    <>
      <span className="wf-bar" style={{ left: `${place.left}%`, width: `max(2px, ${place.width}%)` }} />
      {events.map((event, index) => (event.at >= 0 && event.at <= 100 ? <span key={index} className={event.failed ? 'wf-event failed' : 'wf-event'} style={{ left: `${event.at}%` }} /> : null))}
      <span className={within ? 'wf-duration within numbers' : 'wf-duration numbers'} style={style}>{formatDuration(durationNs)}</span>
    </>
  );
}

function eventPlace(offsetNs: number, totalNs: number, { from, to }: Zoom): number {
  return ((offsetNs / Math.max(1, totalNs) - from) / (to - from)) * 100;
}
