import { use, useMemo, useState } from 'react';
import type { Labels } from '../../api/prometheus.js';
import { KnownServices } from '../../design/use-service-colours.js';
import { formatFullMoment } from '../../time/moment.js';
import type { Panel } from '../model.js';
import { makeTable, sorted } from './table.js';
import type { Cell, Frame } from './table.js';
import { thresholdColour } from '../values/thresholds.js';
import { formatValue } from '../values/units.js';
import { conditionsOfLabels, joined } from '../ways/trace-conditions.js';
import { waysFrom } from '../ways/ways.js';
import type { Source } from '../ways/ways.js';
import { NumberWays } from '../ways/WaysMenu.js';
import type { PanelData } from './use-panel-data.js';

/** Labels and values as a table; a press on a heading sorts by it. */
export function TablePanel({ panel, data, source }: { readonly panel: Panel; readonly data: PanelData; readonly source: Source }) {
  const [sort, setSort] = useState(panel.table.sort);
  const table = useMemo(() => makeTable(framesOf(panel, data), { ...panel.table, sort: null }), [panel, data]);
  const shown = useMemo(() => sorted(table, sort), [table, sort]);
  const services = use(KnownServices);
  const numeric = shown.columns.map((_, at) => shown.rows.some((row) => typeof row[at] === 'number'));
  return (
    <div className="table-panel" tabIndex={0} role="group" aria-label={panel.title}>
      <table>
        <thead>
          <tr>{shown.columns.map((column, at) => (
            <th key={column} scope="col" className={numeric[at] ? 'number' : ''} aria-sort={sort?.column === column ? (sort.descending ? 'descending' : 'ascending') : undefined}>
              <button type="button" onClick={() => { setSort({ column, descending: sort?.column === column ? !sort.descending : numeric[at] ?? false }); }}>{column}{sort?.column === column ? (sort.descending ? ' ↓' : ' ↑') : ''}</button>
            </th>
          ))}</tr>
        </thead>
        <tbody>
          {shown.rows.map((row, index) => {
            const labels = labelsOfRow(shown.columns, row, panel);
            const from = { ...source, conditions: joined(source.conditions, conditionsOfLabels(labels, services)) };
            return <tr key={index}>{row.map((cell, at) => <TableCell key={at} panel={panel} column={shown.columns[at] ?? ''} cell={cell} of={Object.values(labels).join(' ')} source={from} />)}</tr>;
          })}
        </tbody>
      </table>
    </div>
  );
}

function TableCell({ panel, column, cell, of, source }: { readonly panel: Panel; readonly column: string; readonly cell: Cell | undefined; readonly of: string; readonly source: Source }) {
  if (cell === undefined) return <td className="muted">–</td>;
  if (typeof cell === 'string') return <td title={cell}>{cell}</td>;
  if (column === 'Time') return <td className="number">{formatFullMoment(cell)}</td>;
  const style = { ...panel.style, ...panel.overrides.get(column) };
  const own = panel.overrides.get(column)?.thresholds;
  const shown = formatValue(cell, style.unit, style.decimals);
  return <td className="number" style={own ? { color: thresholdColour(cell, own) } : undefined}><NumberWays title={`${of}: ${column} ${shown}`} ways={waysFrom(source, cell, style.unit)} align="end">{shown}</NumberWays></td>;
}

/** Labels of a row under their own names, as far as they are shown. */
function labelsOfRow(columns: readonly string[], row: readonly (Cell | undefined)[], { table }: Panel): Labels {
  const own = new Map([...table.organize.names].map(([name, shown]) => [shown, name]));
  return Object.fromEntries(columns.flatMap((column, at) => {
    const cell = row[at];
    return typeof cell === 'string' ? [[own.get(column) ?? column, cell]] : [];
  }));
}

function framesOf(panel: Panel, data: PanelData): readonly Frame[] {
  return panel.targets.map(({ refId }) => ({
    refId,
    rows: data.series.filter((series) => series.refId === refId).map(({ labels, points }) => ({ labels, ms: points.at(-1)?.[0] ?? 0, value: points.at(-1)?.[1] ?? NaN })),
  }));
}
