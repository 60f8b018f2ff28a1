import type { StreamLabels } from './stream-labels.js';

export interface PushedEntry {
  /** Unix nanoseconds. */
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: readonly (readonly [name: string, value: string])[];
}

export interface PushedStream {
  readonly labels: StreamLabels;
  readonly entries: readonly PushedEntry[];
}
