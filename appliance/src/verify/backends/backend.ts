import type { Signal } from '@signalbox/signals/model/signal';
import type { Marked } from '../marked.js';

/** A destination that can be searched for what an exporter brought there. */
export interface Backend {
  readonly signals: readonly Signal[];
  /** What is searched for, by signal, as it stands in the table. */
  readonly searches: Readonly<Partial<Record<Signal, string>>>;
  /**
   * Whether it is there.
   * @param untraced its trace id was not read: it is known by its text
   * @throws Error that says what the destination answered
   */
  find(marked: Marked, signal: Signal, abort: AbortSignal, untraced: boolean): Promise<boolean>;
  close(): Promise<void>;
}
