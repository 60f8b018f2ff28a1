import type { LineFilter, Matcher } from '../readers.js';

/** A line filter as written: any of its values for `|=` and `|~`, none of them for `!=` and `!~`. */
export interface LineFilterStage {
  readonly kind: 'line';
  readonly op: LineFilter['op'];
  readonly values: readonly string[];
}

export interface LabelFilterStage {
  readonly kind: 'label';
  /** All of them must hold. */
  readonly matchers: readonly Matcher[];
}

export interface LogQuery {
  readonly kind: 'log';
  readonly matchers: readonly Matcher[];
  readonly stages: readonly (LineFilterStage | LabelFilterStage)[];
}

/** A query over constants only, such as `vector(1)+vector(1)`, by which Grafana tests a data source. */
export interface ConstantQuery {
  readonly kind: 'constant';
  readonly type: 'scalar' | 'vector';
  readonly value: number;
}

export type LogQLQuery = LogQuery | ConstantQuery;
