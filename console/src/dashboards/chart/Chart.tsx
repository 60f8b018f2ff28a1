import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Exemplar, Labels } from '../../api/prometheus.js';
import { Link } from '../../app/Link.js';
import { Popover } from '../../design/Popover.js';
import { useDarkness } from '../../design/theme.js';
import { formatDuration } from '../../time/duration.js';
import { formatFullMoment } from '../../time/moment.js';
import { chartOptions } from './chart-options.js';
import { chooseMarks } from './marks.js';
import type { Panel } from '../model.js';
import { formatValue } from '../values/units.js';
import type { Way } from '../ways/ways.js';
import { WaysMenu } from '../ways/WaysMenu.js';
import './chart.css';

export interface ChartLine {
  readonly name: string;
  readonly labels: Labels;
  /** A CSS colour. */
  readonly colour: string;
  /** Where the line runs; with stacking, on top of the others. */
  readonly values: readonly (number | null)[];
  /** What it stands for. */
  readonly own: readonly (number | null)[];
}

interface Cursor {
  readonly index: number;
  readonly left: number;
}

interface Picked extends Cursor {
  readonly line: number;
  readonly top: number;
}

interface Mark {
  readonly exemplar: Exemplar;
  readonly traceId: string;
  readonly left: number;
  readonly top: number;
}

/** uPlot within React: lines, a cursor that all charts of the page share, a tip, exemplars as links to their traces. */
export function Chart({ times, lines, unit, decimals, look, exemplars, width, height, zoom, ways, label }: {
  readonly times: readonly number[]; readonly lines: readonly ChartLine[]; readonly unit: string; readonly decimals: number | null; readonly look: Panel['lines'];
  readonly exemplars: readonly Exemplar[]; readonly width: number; readonly height: number; readonly zoom: (fromMs: number, toMs: number) => void;
  /** What a value of a line can lead to. */
  readonly ways: (labels: Labels, ms: number, value: number) => readonly Way[]; readonly label: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latestZoom = useRef(zoom);
  latestZoom.current = zoom;
  const latestExemplars = useRef(exemplars);
  latestExemplars.current = exemplars;
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [picked, setPicked] = useState<Picked | null>(null);
  const close = useCallback(() => { setPicked(null); }, []);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const dark = useDarkness();
  const shape = lines.map(({ name, colour }) => `${name} ${colour}`).join('\n');

  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const options = chartOptions({ lines, unit, decimals, look, width, height, onCursor: setCursor, onZoom: (from, to) => { latestZoom.current(from, to); }, onPick: setPicked, onDraw: (drawn) => { setMarks(marksOf(drawn, latestExemplars.current)); } });
    const made = new uPlot(options, dataOf(times, lines), host.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
    // Made anew only when the lines are others or the theme changes; data and size go into the one there is.
  }, [shape, unit, dark, look]);
  useEffect(() => { plot.current?.setData(dataOf(times, lines)); }, [times, lines]);
  useEffect(() => { plot.current?.setSize({ width, height }); }, [width, height]);

  return (
    <div className="chart" style={{ height }} role="img" aria-label={`${label}: ${lines.length} lines over time`}>
      <div ref={host} />
      {marks.map(({ exemplar, traceId, left, top }) => (
        <Link key={`${traceId} ${exemplar.ms}`} className="exemplar" href={`/trace/${traceId}`} style={{ left, top }} title={`A request that took ${unit === 's' ? formatDuration(exemplar.value * 1e9) : formatValue(exemplar.value, unit)}, ${formatFullMoment(exemplar.ms)}: open its trace`} aria-label={`Trace ${traceId}`} />
      ))}
      {picked !== null && <PickedWays picked={picked} close={close} times={times} lines={lines} unit={unit} decimals={decimals} ways={ways} />}
      {cursor !== null && picked === null && <Tip cursor={cursor} times={times} lines={lines} unit={unit} decimals={decimals} width={width} />}
    </div>
  );
}

/** The ways on from the value that was clicked. */
function PickedWays({ picked, close, times, lines, unit, decimals, ways }: {
  readonly picked: Picked; readonly close: () => void; readonly times: readonly number[]; readonly lines: readonly ChartLine[]; readonly unit: string; readonly decimals: number | null;
  readonly ways: (labels: Labels, ms: number, value: number) => readonly Way[];
}) {
  const line = lines[picked.line];
  const [seconds, value] = [times[picked.index], line?.own[picked.index]];
  if (line === undefined || seconds === undefined || value === null || value === undefined) return null;
  const title = `${line.name} ${formatValue(value, unit, decimals)}, ${formatFullMoment(seconds * 1000).slice(11, -4)}`;
  return (
    <div className="chart-ways" style={{ left: picked.left, top: picked.top }}>
      <Popover open close={close} label={title} trigger={null}><WaysMenu title={title} ways={ways(line.labels, seconds * 1000, value)} /></Popover>
    </div>
  );
}

function Tip({ cursor, times, lines, unit, decimals, width }: {
  readonly cursor: Cursor; readonly times: readonly number[]; readonly lines: readonly ChartLine[]; readonly unit: string; readonly decimals: number | null; readonly width: number;
}) {
  const seconds = times[cursor.index];
  const shown = lines.map(({ name, colour, own }) => ({ name, colour, value: own[cursor.index] ?? null })).filter((line): line is typeof line & { value: number } => line.value !== null).sort((a, b) => b.value - a.value);
  if (seconds === undefined || shown.length === 0) return null;
  return (
    <div className="chart-tip" style={cursor.left > width / 2 ? { right: width - cursor.left + 12, top: 8 } : { left: cursor.left + 12, top: 8 }}>
      <p className="numbers">{formatFullMoment(seconds * 1000).slice(0, -4)}</p>
      {shown.slice(0, 12).map(({ name, colour, value }, index) => <div key={index}><i style={{ background: colour }} /><span>{name}</span><strong className="numbers">{formatValue(value, unit, decimals)}</strong></div>)}
      {shown.length > 12 && <p>and {shown.length - 12} more</p>}
      <p className="chart-tip-hint">Click for traces, drag to zoom</p>
    </div>
  );
}

function dataOf(times: readonly number[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

/** Where exemplars with a trace stand, in pixels of the chart. */
function marksOf(plot: uPlot, exemplars: readonly Exemplar[]): readonly Mark[] {
  const { left, top, width, height } = plot.bbox;
  const ratio = window.devicePixelRatio;
  const marks: Mark[] = [];
  for (const exemplar of exemplars) {
    const traceId = exemplar.labels['trace_id'] ?? exemplar.labels['traceID'] ?? '';
    const x = plot.valToPos(exemplar.ms / 1000, 'x', true);
    // One beyond the scale stands at the edge: it is the slow requests that one looks for.
    const y = Math.max(plot.valToPos(exemplar.value, 'y', true), top + 4 * ratio);
    if (!/^[0-9a-f]{32}$/.test(traceId) || x < left || x > left + width || !(y <= top + height)) continue;
    marks.push({ exemplar, traceId, left: x / ratio, top: y / ratio });
  }
  return chooseMarks(marks, width / ratio);
}
