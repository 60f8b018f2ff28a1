import type { Readers } from '../readers.js';
import { MemoryLogs } from './logs.js';
import { MemorySeries } from './series.js';
import { MemorySpans } from './spans.js';

/** Readers over data in memory. */
export class MemoryReaders implements Readers {
  readonly spans = new MemorySpans();
  readonly logs = new MemoryLogs();
  readonly series = new MemorySeries();
}
