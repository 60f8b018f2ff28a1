import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import { useSize } from '../design/use-size.js';
import { formatMoment } from '../time/moment.js';
import { timeScale, timeTickLabel } from '../traces/scatter.js';
import type { Bar } from './log-volume.js';
import './log-volume.css';

const HEIGHT = 84;
const EDGE = { left: 12, right: 12, top: 8, bottom: 18 };

/** How many of the lines were written when, failures below. A click on a bar, or a drag across some, narrows the range to them. */
export function LogVolume({ bars, count, narrow }: { readonly bars: readonly Bar[]; readonly count: number; readonly narrow: (fromMs: number, toMs: number) => void }) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const [fromMs, toMs] = [bars[0]?.fromMs ?? 0, bars.at(-1)?.toMs ?? 1];
  const right = Math.max(width - EDGE.right, EDGE.left + 1);
  const bottom = HEIGHT - EDGE.bottom;
  const x = useMemo(() => timeScale(fromMs, toMs, EDGE.left, right, Math.max(2, Math.floor(width / 130))), [fromMs, toMs, right, width]);
  const most = Math.max(1, ...bars.map(({ failed, warned, other }) => failed + warned + other));
  const height = (lines: number): number => (lines / most) * (bottom - EDGE.top);
  const step = (x.ticks[1] ?? toMs) - (x.ticks[0] ?? fromMs);
  const barAt = (event: PointerEvent<SVGSVGElement>): number => {
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - EDGE.left) / (right - EDGE.left);
    return Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)));
  };
  const press = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: barAt(event), to: barAt(event) });
  };
  const release = (event: PointerEvent<SVGSVGElement>): void => {
    if (drag === null) return;
    setDrag(null);
    const [first, last] = [drag.from, barAt(event)].sort((a, b) => a - b);
    const [from, to] = [bars[first ?? 0], bars[last ?? 0]];
    if (from !== undefined && to !== undefined && bars.length > 1) narrow(from.fromMs, to.toMs);
  };
  const wide = (right - EDGE.left) / Math.max(1, bars.length);
  const part = (kind: string, bar: Bar, lines: number, below: number) => lines > 0 && <rect className={kind} x={x.at(bar.fromMs) + 0.5} width={Math.max(1, wide - 1.5)} y={bottom - height(below + lines)} height={Math.max(1, height(lines))} />;
  return (
    <div className="log-volume" ref={ref} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={`When the ${count} lines were written. A drag across narrows the range.`}
          onPointerDown={press} onPointerMove={(event) => { if (drag !== null) setDrag({ from: drag.from, to: barAt(event) }); }} onPointerUp={release} onPointerCancel={() => { setDrag(null); }}>
          {x.ticks.map((ms) => <text key={ms} x={Math.max(EDGE.left + 20, Math.min(x.at(ms), right - 20))} y={HEIGHT - 4} textAnchor="middle">{timeTickLabel(ms, step)}</text>)}
          <line className="axis" x1={EDGE.left} x2={right} y1={bottom} y2={bottom} />
          {bars.map((bar, index) => (
            <g key={bar.fromMs} className={drag !== null && index >= Math.min(drag.from, drag.to) && index <= Math.max(drag.from, drag.to) ? 'taken' : undefined}>
              <title>{tipOf(bar)}</title>
              <rect className="place" x={x.at(bar.fromMs)} width={wide} y={EDGE.top} height={bottom - EDGE.top} />
              {part('failed', bar, bar.failed, 0)}
              {part('warned', bar, bar.warned, bar.failed)}
              {part('other', bar, bar.other, bar.failed + bar.warned)}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function tipOf({ fromMs, toMs, failed, warned, other }: Bar): string {
  const parts = [`${failed + warned + other} lines`, ...(failed > 0 ? [`${failed} errors`] : []), ...(warned > 0 ? [`${warned} warnings`] : [])];
  return `${formatMoment(fromMs, fromMs)} to ${formatMoment(toMs, fromMs)}\n${parts.join(', ')}`;
}
