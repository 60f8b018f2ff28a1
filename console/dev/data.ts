import { MemoryReaders } from '@signalbox/query/memory/readers';
import { BIG_TRACE, nightlyExport } from './big-trace.js';
import { shopMetrics } from './metrics.js';
import { Random } from './random.js';
import { FAILED_TRACE, LINKED_TRACE, browse, checkout, settlement } from './shop.js';
import { TraceWriter } from './trace-writer.js';

/** An hour of the shop until `nowMs`, in memory, behind the interfaces that the store fulfils. */
export function shopReaders(nowMs: number): MemoryReaders {
  const readers = new MemoryReaders();
  const random = new Random(42);
  const add = (trace: TraceWriter): void => {
    readers.spans.add('default', trace.traces());
    readers.logs.add('default', trace.logs());
  };
  for (let i = 0; i < 320; i++) {
    const trace = new TraceWriter(random.hex(32), random);
    const startMs = nowMs - 20_000 - random.between(0, 3_500_000);
    if (random.chance(0.45)) checkout(trace, startMs, random.chance(0.07));
    else browse(trace, startMs);
    add(trace);
  }
  const failed = new TraceWriter(FAILED_TRACE, new Random(3));
  checkout(failed, nowMs - 12_000, true, 'f4a11ed000000001');
  add(failed);
  const linked = new TraceWriter(LINKED_TRACE, new Random(5));
  settlement(linked, nowMs - 8_000, [{ traceId: FAILED_TRACE, spanId: 'f4a11ed000000001' }]);
  add(linked);
  const big = new TraceWriter(BIG_TRACE, new Random(9));
  nightlyExport(big, nowMs - 1_800_000, 10_000);
  add(big);
  readers.series.add('default', { samples: shopMetrics(nowMs - 3_600_000, nowMs), metadata: [], dropped: [] });
  return readers;
}
