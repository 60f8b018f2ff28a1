import type { TimeRange } from '../time/range.js';
import type { Variable } from './variables/variables.js';

/** The part of Grafana's dashboards that the console shows. `grafana-json/read-dashboard.ts` makes it from the JSON. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly range: TimeRange;
  /** Such as `30s`; empty for none. */
  readonly refresh: string;
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
}

/** The panels below one row, or those before the first. */
export interface Section {
  readonly title: string | null;
  readonly collapsed: boolean;
  readonly panels: readonly Panel[];
}

/** In units of the grid: 24 columns, rows of 30 pixels; `y` is counted from the top of the section. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legend: string;
  readonly instant: boolean;
  readonly exemplars: boolean;
  /** The least step, such as `15s`; empty for the panel's. */
  readonly interval: string;
}

export interface ThresholdStep {
  readonly from: number;
  readonly colour: string;
}

export interface FieldStyle {
  readonly unit: string;
  readonly decimals: number | null;
  readonly noValue: string;
  readonly thresholds: readonly ThresholdStep[];
}

export interface Panel {
  readonly id: number;
  readonly type: 'timeseries' | 'stat' | 'table' | 'unsupported';
  readonly title: string;
  readonly description: string;
  readonly place: Place;
  readonly targets: readonly Target[];
  readonly style: FieldStyle;
  /** Units and decimals of columns by their name. */
  readonly overrides: ReadonlyMap<string, Partial<FieldStyle>>;
  readonly interval: string;
  readonly maxPoints: number | null;
  readonly lines: { readonly min: number | null; readonly max: number | null; readonly softMax: number | null; readonly fill: number; readonly width: number; readonly stacked: boolean };
  readonly legend: { readonly shown: boolean; readonly calcs: readonly string[] };
  readonly stat: { readonly calc: string; readonly sparkline: boolean };
  readonly table: { readonly merge: boolean; readonly organize: Organize; readonly sort: { readonly column: string; readonly descending: boolean } | null };
  /** What the panel asks for that is not shown, for its reader. */
  readonly faults: readonly string[];
}

export interface Organize {
  readonly hidden: ReadonlySet<string>;
  readonly order: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
}
