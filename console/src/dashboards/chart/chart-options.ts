import type uPlot from 'uplot';
import { resolveColour } from '../../design/theme.js';
import type { ChartLine } from './Chart.js';
import type { Panel } from '../model.js';
import { formatValue } from '../values/units.js';

const FONT = '11px system-ui, "Liberation Sans", sans-serif';

export interface ChartSetup {
  readonly lines: readonly ChartLine[];
  readonly unit: string;
  readonly decimals: number | null;
  readonly look: Panel['lines'];
  readonly width: number;
  readonly height: number;
  readonly onCursor: (cursor: { readonly index: number; readonly left: number } | null) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** A click that is no drag: the line that is nearest, by its index. */
  readonly onPick: (picked: { readonly line: number; readonly index: number; readonly left: number; readonly top: number }) => void;
  /** The scales are settled: what stands over the chart can be placed. */
  readonly onDraw: (plot: uPlot) => void;
}

/** Everything that uPlot is told, but for the data. */
export function chartOptions({ lines, unit, decimals, look, width, height, onCursor, onZoom, onPick, onDraw }: ChartSetup): uPlot.Options {
  const text = resolveColour('var(--muted)');
  const grid = resolveColour('var(--line-soft)');
  const axis: uPlot.Axis = { font: FONT, stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
  let hovered = false;
  return {
    width,
    height,
    // At the right, room for half of the last time.
    padding: [6, 20, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'dashboard' }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, y: false },
    scales: { x: { time: true }, y: { range: (_, least, most) => verticalRange(least, most, look) } },
    axes: [
      { ...axis, size: 30, gap: 3, space: 70, values: (_, splits, __, ___, step) => splits.map((seconds) => timeLabel(seconds * 1000, step * 1000)) },
      { ...axis, size: axisSize, gap: 4, space: 28, values: (_, splits) => splits.map((value) => (value === null ? '' : formatValue(value, unit, decimals))) },
    ],
    series: [{}, ...lines.map(({ name, colour }) => {
      const stroke = resolveColour(colour);
      return { label: name, stroke, width: look.width, fill: withAlpha(stroke, look.stacked ? Math.max(look.fill, 0.25) : look.fill), points: { show: lonely } } satisfies uPlot.Series;
    })],
    hooks: {
      init: [(plot) => {
        plot.over.addEventListener('pointerenter', () => { hovered = true; });
        plot.over.addEventListener('pointerleave', () => {
          hovered = false;
          onCursor(null);
        });
        // Does not come through after a drag: uPlot keeps it back.
        plot.over.addEventListener('click', () => {
          const picked = nearestLine(plot);
          if (picked !== null) onPick(picked);
        });
      }],
      draw: [onDraw],
      setCursor: [(plot) => {
        const { idx, left } = plot.cursor;
        if (hovered) onCursor(idx === null || idx === undefined || left === undefined || left < 0 ? null : { index: idx, left: left + plot.over.offsetLeft });
      }],
      setSelect: [(plot) => {
        const { left, width: across } = plot.select;
        if (across < 6) return;
        onZoom(Math.round(plot.posToVal(left, 'x') * 1000), Math.round(plot.posToVal(left + across, 'x') * 1000));
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

/** The line that is nearest to the pointer, where it is, in pixels of the chart. */
function nearestLine(plot: uPlot): { readonly line: number; readonly index: number; readonly left: number; readonly top: number } | null {
  const { idx: index, top = -1 } = plot.cursor;
  if (index === null || index === undefined) return null;
  const seconds = plot.data[0][index] ?? 0;
  let nearest: { line: number; distance: number; at: number } | null = null;
  for (let series = 1; series < plot.data.length; series++) {
    const value = plot.data[series]?.[index];
    if (value === null || value === undefined) continue;
    const at = plot.valToPos(value, 'y');
    if (nearest === null || Math.abs(at - top) < nearest.distance) nearest = { line: series - 1, distance: Math.abs(at - top), at };
  }
  return nearest === null ? null : { line: nearest.line, index, left: plot.valToPos(seconds, 'x') + plot.over.offsetLeft, top: nearest.at + plot.over.offsetTop };
}

/** Dots only where a line has too few values to be seen as one. */
function lonely(plot: uPlot, series: number): boolean {
  const values = plot.data[series];
  if (values === undefined) return false;
  let runs = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null) runs++;
  return runs > 0 && runs <= 20;
}

function verticalRange(least: number | null, most: number | null, look: Panel['lines']): [number, number] {
  const low = look.min ?? Math.min(0, least ?? 0);
  const high = look.max ?? Math.max((most ?? 0) > 0 ? (most ?? 0) * 1.08 : 0, look.softMax ?? 0);
  return high > low ? [low, high] : [low, low + 1];
}

const axisSize: uPlot.Axis.Size = (_plot, values) => Math.max(36, Math.max(0, ...(values ?? []).map((value) => value.length)) * 6.4 + 14);

function timeLabel(ms: number, stepMs: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (stepMs >= 86_400_000 || midnight) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}${stepMs < 60_000 ? `:${two(date.getSeconds())}` : ''}`;
}

/** `rgb(1, 2, 3)` as the browser resolves colours, made transparent. */
function withAlpha(colour: string, alpha: number): string {
  const parts = /^rgba?\(([^)]+)\)$/.exec(colour)?.[1]?.split(/[\s,/]+/).slice(0, 3);
  return parts === undefined ? 'transparent' : `rgba(${parts.join(', ')}, ${alpha})`;
}
