import { everything, logsHref, withMatcher } from '../../logs/log-search.js';
import { searchHref } from '../../traces/search.js';
import { formatDuration } from '../../time/duration.js';
import type { TimeRange } from '../../time/range.js';
import type { Conditions } from './trace-conditions.js';

/** What can be looked at next. */
export interface Way {
  readonly label: string;
  readonly href: string;
}

/** Where a number comes from: whose it is, and when. */
export interface Source {
  readonly conditions: Conditions;
  readonly range: TimeRange;
}

const nsOfUnit: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, 'µs': 1e3, ns: 1 };

/** From a number to the traces and lines behind it. Of a duration, the traces that took longer come first. */
export function waysFrom({ conditions, range }: Source, value: number, unit: string): readonly Way[] {
  const search = { ...conditions, range };
  const ns = value * (nsOfUnit[unit] ?? NaN);
  return [
    ...(ns >= 1_000 ? [{ label: `Traces of ${formatDuration(floored(ns))} and longer`, href: searchHref({ ...search, min: minText(floored(ns)), limit: 200, order: 'longest' }) }] : []),
    { label: 'Failed traces', href: searchHref({ ...search, errors: true }) },
    { label: 'All traces', href: searchHref(search) },
    { label: 'Log lines', href: logsHref({ query: conditions.service === undefined || conditions.service === '' ? everything : withMatcher(everything, 'service_name', conditions.service), range, limit: 500, direction: 'backward', refresh: '' }) },
  ];
}

/** Three digits or so, never more than the value: the request that it was taken from must be among those found. */
function floored(ns: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(ns)) - 2);
  return Math.floor(ns / unit) * unit;
}

/** As the field of the form takes it. */
function minText(ns: number): string {
  return ns >= 1e6 ? `${Number((ns / 1e6).toFixed(3))}ms` : `${Number((ns / 1e3).toFixed(3))}us`;
}
