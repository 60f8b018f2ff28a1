import { use, useMemo, useState } from 'react';
import type { Labels } from '../../api/prometheus.js';
import { KnownServices } from '../../design/use-service-colours.js';
import type { Size } from '../../design/use-size.js';
import { align, stack } from '../chart/align.js';
import { Chart } from '../chart/Chart.js';
import type { Panel } from '../model.js';
import { calcNames, reduce } from '../values/reduce.js';
import { seriesColours } from '../chart/series-colours.js';
import { formatValue } from '../values/units.js';
import { conditionsOfLabels, joined } from '../ways/trace-conditions.js';
import { waysFrom } from '../ways/ways.js';
import type { Source, Way } from '../ways/ways.js';
import type { PanelData } from './use-panel-data.js';
import './timeseries.css';

const LEGEND_ROW = 22;

/** Lines over time with their names below; a press on a name shows its line alone, or all again. */
export function TimeseriesPanel({ panel, data, size, zoom, source }: {
  readonly panel: Panel; readonly data: PanelData; readonly size: Size; readonly zoom: (fromMs: number, toMs: number) => void; readonly source: Source;
}) {
  const [alone, setAlone] = useState<string | null>(null);
  const { interval, exemplars } = data;
  const services = use(KnownServices);
  const names = useMemo(() => seriesColours(data.series.map(({ name }) => name), services), [data, services]);
  const series = useMemo(() => {
    const some = alone !== null && data.series.some(({ name }) => name === alone);
    return some ? data.series.filter(({ name }) => name === alone) : data.series;
  }, [data, alone]);
  const aligned = useMemo(() => align(series, interval.fromMs, interval.toMs, interval.stepMs), [series, interval]);
  const drawn = useMemo(() => (panel.lines.stacked ? stack(aligned.values) : aligned.values), [panel, aligned]);
  const lines = useMemo(() => series.map(({ name, labels }, index) => ({ name, labels, colour: names.get(name) ?? 'var(--s0)', values: drawn[index] ?? [], own: aligned.values[index] ?? [] })), [series, names, drawn, aligned]);
  // What a value was calculated from: the time that its rate looks back on.
  const waysAt = (labels: Labels, ms: number, value: number): readonly Way[] =>
    waysFrom({ conditions: joined(source.conditions, conditionsOfLabels(labels, services)), range: { from: String(Math.round(ms - interval.rateMs)), to: String(Math.round(ms)) } }, value, panel.style.unit);
  const legend = panel.legend.shown && size.height > 110;
  const legendHeight = 4 + LEGEND_ROW * legendRows(data.series.map(({ name }) => name), panel.legend.calcs.length, size);
  return (
    <div className="timeseries">
      <Chart times={aligned.times} lines={lines} unit={panel.style.unit} decimals={panel.style.decimals} look={panel.lines} exemplars={exemplars} width={size.width} height={size.height - (legend ? legendHeight : 4)} zoom={zoom} ways={waysAt} label={panel.title} />
      {legend && (
        <ul className="legend" style={{ height: legendHeight }}>
          {data.series.map(({ name, points }, index) => (
            <li key={`${name} ${index}`}>
              <button type="button" className={alone !== null && alone !== name ? 'off' : ''} aria-pressed={alone === name} title={`${name}: show alone`} onClick={() => { setAlone(alone === name ? null : name); }}>
                <i style={{ background: names.get(name) }} />{name}
                {panel.legend.calcs.map((calc) => <span key={calc} className="muted numbers">{calcNames[calc] ?? calc} {formatValue(reduce(calc, points.map(([, value]) => value)), panel.style.unit, panel.style.decimals)}</span>)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** One row, or two where the names will hardly fit into one and the panel is high enough; what is more is scrolled to. */
function legendRows(names: readonly string[], calcs: number, { width, height }: Size): number {
  const needed = names.reduce((sum, name) => sum + name.length * 6.3 + 32 + calcs * 80, 16);
  return needed > width && height > 170 ? 2 : 1;
}
