import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import type { FoundTrace } from '../api/search.js';
import { navigate } from '../app/place.js';
import { useSize } from '../design/use-size.js';
import { formatDuration } from '../time/duration.js';
import { formatMoment } from '../time/moment.js';
import { durationText, firstService, operationOf } from './found-trace.js';
import { durationScale, nearest, timeScale, timeTickLabel } from './scatter.js';
import './scatter.css';

const HEIGHT = 190;
/** Half a label of the time axis, so far as it does not fit behind the last tick. */
const LAST_LABEL = 12;
const EDGE = { left: 58, right: 14, top: 12, bottom: 24 };

/** Each trace as a dot: when, how long, failed or not. A click opens it, a drag narrows the range. */
export function Scatter({ traces, fromMs, toMs, narrow }: {
  readonly traces: readonly FoundTrace[]; readonly fromMs: number; readonly toMs: number; readonly narrow: (fromMs: number, toMs: number) => void;
}) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const [hovered, setHovered] = useState(-1);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const right = Math.max(width - EDGE.right, EDGE.left + 1);
  const bottom = HEIGHT - EDGE.bottom;
  const { x, y, points } = useMemo(() => {
    const x = timeScale(fromMs, toMs, EDGE.left, right, Math.max(2, Math.floor(width / 110)));
    const y = durationScale(traces.map(({ durationNs }) => durationNs), bottom, EDGE.top);
    const points = traces.map((trace) => ({ x: x.at(trace.startMs), y: y.at(trace.durationNs), r: Math.min(9, 3 + Math.sqrt(trace.spans) / 2.2) }));
    return { x, y, points };
  }, [traces, fromMs, toMs, right, bottom, width]);
  const step = (x.ticks[1] ?? toMs) - (x.ticks[0] ?? fromMs);

  const place = (event: PointerEvent<SVGSVGElement>): { px: number; py: number } => {
    const box = event.currentTarget.getBoundingClientRect();
    return { px: Math.min(Math.max(event.clientX - box.left, EDGE.left), right), py: event.clientY - box.top };
  };
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const { px, py } = place(event);
    setHovered(nearest(points, px, py, 14));
    if (drag !== null) setDrag({ from: drag.from, to: px });
  };
  const press = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { px } = place(event);
    setDrag({ from: px, to: px });
  };
  const release = (event: PointerEvent<SVGSVGElement>): void => {
    if (drag === null) return;
    setDrag(null);
    const { px, py } = place(event);
    const moment = (at: number): number => Math.round(fromMs + ((at - EDGE.left) / (right - EDGE.left)) * (toMs - fromMs));
    const trace = traces[nearest(points, px, py, 14)];
    if (Math.abs(px - drag.from) >= 6) narrow(moment(Math.min(px, drag.from)), moment(Math.max(px, drag.from)));
    else if (trace) navigate(`/trace/${trace.traceId}`);
  };

  // Those that failed are drawn last, over the others.
  const dots = (kind: '' | 'failed') => points.map((point, index) => {
    const trace = traces[index];
    return trace !== undefined && (trace.errors > 0) === (kind === 'failed') && <circle key={trace.traceId} className={kind} cx={point.x} cy={point.y} r={point.r} />;
  });
  const shown = traces[hovered];
  const shownAt = points[hovered];
  return (
    <div className="scatter" ref={ref} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`Durations of ${traces.length} traces over time; the list below holds the same`} className={hovered >= 0 ? 'on-point' : ''}
          onPointerMove={move} onPointerDown={press} onPointerUp={release} onPointerLeave={() => { setHovered(-1); }} onPointerCancel={() => { setDrag(null); }}>
          {y.ticks.map((ns) => <g key={ns}><line className="grid" x1={EDGE.left} x2={right} y1={y.at(ns)} y2={y.at(ns)} /><text x={EDGE.left - 8} y={y.at(ns) + 4} textAnchor="end">{formatDuration(ns)}</text></g>)}
          {x.ticks.map((ms) => <g key={ms}><line className="grid" x1={x.at(ms)} x2={x.at(ms)} y1={EDGE.top} y2={bottom} /><text x={Math.min(x.at(ms), right - LAST_LABEL)} y={HEIGHT - 7} textAnchor="middle">{timeTickLabel(ms, step)}</text></g>)}
          <line className="axis" x1={EDGE.left} x2={right} y1={bottom} y2={bottom} />
          {dots('')}
          {dots('failed')}
          {shownAt && <circle className="ring" cx={shownAt.x} cy={shownAt.y} r={shownAt.r + 2.5} />}
          {drag !== null && <rect className="brush" x={Math.min(drag.from, drag.to)} width={Math.abs(drag.to - drag.from)} y={EDGE.top} height={bottom - EDGE.top} />}
        </svg>
      )}
      {shown && shownAt && drag === null && (
        <div className="tip" style={shownAt.x > width / 2 ? { right: width - shownAt.x + 14, top: Math.max(4, shownAt.y - 34) } : { left: shownAt.x + 14, top: Math.max(4, shownAt.y - 34) }}>
          <strong>{firstService(shown)} {operationOf(shown)}</strong>
          <span className="numbers">{durationText(shown.durationNs)} · {shown.spans} spans{shown.errors > 0 ? ` · ${shown.errors} failed` : ''}</span>
          <span className="muted numbers">{formatMoment(shown.startMs, Date.now())}</span>
        </div>
      )}
    </div>
  );
}
