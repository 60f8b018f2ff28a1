import type { Labels } from '../../api/prometheus.js';
import type { Organize, Panel } from '../model.js';

export type Cell = string | number;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (Cell | undefined)[])[];
}

/** One query's answer at one moment. */
export interface Frame {
  readonly refId: string;
  readonly rows: readonly { readonly labels: Labels; readonly ms: number; readonly value: number }[];
}

/**
 * Makes a table as Grafana does: `Time`, a column for each label, and `Value`, or `Value #A` with several queries. With
 * `merge`, rows of several queries that agree in all labels they share are one; without it, only the first query is shown.
 */
export function makeTable(frames: readonly Frame[], { merge, organize, sort }: Panel['table']): Table {
  const several = frames.length > 1;
  const rows = new Map<string, Map<string, Cell>>();
  const columns = new Set<string>(['Time']);
  for (const frame of merge ? frames : frames.slice(0, 1)) for (const { labels } of frame.rows) for (const name of Object.keys(labels)) columns.add(name);
  for (const frame of merge ? frames : frames.slice(0, 1)) {
    const valueName = several ? `Value #${frame.refId}` : 'Value';
    columns.add(valueName);
    for (const { labels, ms, value } of frame.rows) {
      const key = JSON.stringify([ms, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
      const row = rows.get(key) ?? new Map<string, Cell>([['Time', ms], ...Object.entries(labels)]);
      row.set(valueName, value);
      rows.set(key, row);
    }
  }
  return sorted(organized([...columns], [...rows.values()], organize), sort);
}

function organized(columns: readonly string[], rows: readonly ReadonlyMap<string, Cell>[], { hidden, order, names }: Organize): Table {
  const last = columns.length;
  const kept = columns.filter((name) => !hidden.has(name));
  const placed = kept.map((name, index) => ({ name, at: order.get(name) ?? last + index })).sort((a, b) => a.at - b.at).map(({ name }) => name);
  return { columns: placed.map((name) => names.get(name) || name), rows: rows.map((row) => placed.map((name) => row.get(name))) };
}

/** Sorted by a column; rows without a value there come last. */
export function sorted(table: Table, sort: Panel['table']['sort']): Table {
  const at = sort === null ? -1 : table.columns.indexOf(sort.column);
  if (sort === null || at < 0) return table;
  const missing = (cell: Cell | undefined): boolean => cell === undefined || Number.isNaN(cell);
  const rows = [...table.rows].sort((a, b) => {
    const [left, right] = [a[at], b[at]];
    if (missing(left) || missing(right)) return Number(missing(left)) - Number(missing(right));
    const order = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right));
    return sort.descending ? -order : order;
  });
  return { columns: table.columns, rows };
}
