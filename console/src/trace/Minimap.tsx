import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { PointerEvent } from 'react';
import { CrossIcon } from '../design/icons.js';
import { resolveColour, useDarkness } from '../design/theme.js';
import { useSize } from '../design/use-size.js';
import { formatDuration } from '../time/duration.js';
import type { TraceModel } from './model.js';
import { offsetTicks, whole, zoomBetween } from './zoom.js';
import type { Zoom } from './zoom.js';
import './minimap.css';

const HEIGHT = 54;

/** All spans at once, a line each; dragging across chooses the part of time that the waterfall shows. */
export const Minimap = memo(function Minimap({ model, colours, zoom, choose }: { readonly model: TraceModel; readonly colours: ReadonlyMap<string, string>; readonly zoom: Zoom; readonly choose: (zoom: Zoom) => void }) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDarkness();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, width, model, colours);
  }, [width, model, colours, dark]);

  const ticks = useMemo(() => offsetTicks(model.durationNs, whole, Math.max(2, Math.floor(width / 140))), [model, width]);
  const share = (event: PointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const press = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: share(event), to: share(event) });
  };
  const release = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag === null) return;
    setDrag(null);
    if (Math.abs(drag.from - drag.to) * width >= 4) choose(zoomBetween(drag.from, share(event)));
  };
  const shown = drag === null ? zoom : zoomBetween(drag.from, drag.to);
  const zoomed = zoom.from > 0 || zoom.to < 1;
  return (
    <div className="minimap">
      <div className="minimap-ticks numbers" aria-hidden="true">
        {ticks.map((ns) => <span key={ns} style={{ left: `${(ns / Math.max(1, model.durationNs)) * 100}%` }}>{ns / Math.max(1, model.durationNs) < 0.94 && formatDuration(ns)}</span>)}
      </div>
      <div className="minimap-area" ref={ref} style={{ height: HEIGHT }} role="img" aria-label="Overview of the trace. Drag across it to see a part of the time in the waterfall."
        onPointerDown={press} onPointerMove={(event) => { if (drag !== null) setDrag({ from: drag.from, to: share(event) }); }} onPointerUp={release} onPointerCancel={() => { setDrag(null); }} onDoubleClick={() => { choose(whole); }}>
        <canvas ref={canvas} />
        {shown.from > 0 && <div className="minimap-shade before" style={{ width: `${shown.from * 100}%` }} />}
        {shown.to < 1 && <div className="minimap-shade after" style={{ left: `${shown.to * 100}%` }} />}
      </div>
      {zoomed && <button type="button" className="button small minimap-reset" onClick={() => { choose(whole); }}><CrossIcon />Whole trace</button>}
    </div>
  );
});

function draw(canvas: HTMLCanvasElement, width: number, model: TraceModel, colours: ReadonlyMap<string, string>): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const resolved = new Map([...colours].map(([name, colour]) => [name, resolveColour(colour)]));
  const failed = resolveColour('var(--error)');
  const rowHeight = Math.min(5 * ratio, (canvas.height - 4 * ratio) / Math.max(1, model.nodes.length));
  const thickness = Math.max(ratio, Math.min(3 * ratio, rowHeight * 0.75));
  const scale = canvas.width / Math.max(1, model.durationNs);
  for (const { span, index, offsetNs, durationNs } of model.nodes) {
    context.fillStyle = span.status === 'error' ? failed : resolved.get(span.service) ?? failed;
    context.fillRect(offsetNs * scale, 2 * ratio + index * rowHeight, Math.max(ratio, durationNs * scale), thickness);
  }
}
