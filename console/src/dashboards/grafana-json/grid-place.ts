import { entriesOf, field, numberOf } from '../../api/json.js';
import type { Json } from '../../api/json.js';
import type { Place } from '../model.js';

/** A panel's `gridPos`, kept within the grid. */
export function readPlace(json: Json | undefined): Place {
  const within = (value: number, least: number, most: number): number => Math.min(Math.max(Math.round(value), least), most);
  const x = within(numberOf(field(json, 'x')), 0, 23);
  return { x, y: Math.max(0, numberOf(field(json, 'y'))), w: within(numberOf(field(json, 'w'), 12), 1, 24 - x), h: within(numberOf(field(json, 'h'), 8), 1, 60) };
}

export function numbersByKey(json: Json | undefined): ReadonlyMap<string, number> {
  return new Map(entriesOf(json).map(([key, value]) => [key, numberOf(value)]));
}
