import { use } from 'react';
import { KnownServices } from '../../design/use-service-colours.js';
import type { Size } from '../../design/use-size.js';
import type { Panel } from '../model.js';
import { reduce } from '../values/reduce.js';
import { thresholdColour } from '../values/thresholds.js';
import { formatValue } from '../values/units.js';
import { conditionsOfLabels, joined } from '../ways/trace-conditions.js';
import { waysFrom } from '../ways/ways.js';
import type { Source } from '../ways/ways.js';
import { NumberWays } from '../ways/WaysMenu.js';
import type { PanelData } from './use-panel-data.js';

/** One large number over a faint line of how it came there. */
export function StatPanel({ panel, data, size, source }: { readonly panel: Panel; readonly data: PanelData; readonly size: Size; readonly source: Source }) {
  const points = data.series[0]?.points ?? [];
  const value = reduce(panel.stat.calc, points.map(([, one]) => one));
  const colour = Number.isNaN(value) ? 'var(--muted)' : thresholdColour(value, panel.style.thresholds);
  const shown = formatValue(value, panel.style.unit, panel.style.decimals);
  const services = use(KnownServices);
  return (
    <div className="stat" style={{ color: colour }}>
      {panel.stat.sparkline && points.length > 1 && <Sparkline points={points} interval={data.interval} width={size.width} height={Math.max(20, size.height * 0.42)} />}
      <strong>{Number.isNaN(value) ? panel.style.noValue || 'No data' : <NumberWays title={`${panel.title} ${shown}`} ways={waysFrom({ ...source, conditions: joined(source.conditions, conditionsOfLabels(data.series[0]?.labels ?? {}, services)) }, value, panel.style.unit)}>{shown}</NumberWays>}</strong>
    </div>
  );
}

function Sparkline({ points, interval, width, height }: {
  readonly points: readonly (readonly [number, number])[]; readonly interval: { readonly fromMs: number; readonly toMs: number }; readonly width: number; readonly height: number;
}) {
  const seen = points.filter(([, value]) => Number.isFinite(value));
  const most = Math.max(...seen.map(([, value]) => value));
  const least = Math.min(0, ...seen.map(([, value]) => value));
  const x = (ms: number): number => ((ms - interval.fromMs) / Math.max(1, interval.toMs - interval.fromMs)) * width;
  const y = (value: number): number => height - 1 - ((value - least) / (most - least || 1)) * (height - 4);
  const line = seen.map(([ms, value], index) => `${index === 0 ? 'M' : 'L'}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined) return null;
  return (
    <svg width={width} height={height} aria-hidden="true">
      <path d={`${line}L${x(last[0]).toFixed(1)} ${height}L${x(first[0]).toFixed(1)} ${height}Z`} fill="currentColor" opacity=".1" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.25" opacity=".55" />
    </svg>
  );
}
