import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@signalbox/journal/journal';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import { Store } from '@signalbox/store/store';
import type { ContractData, MadeReaders } from './readers.js';
import { describeReaders } from './readers.js';

describeReaders('memory', (data) => {
  const readers = new MemoryReaders();
  for (const { tenant, traces, logs, metrics } of data) {
    readers.spans.add(tenant, traces);
    readers.logs.add(tenant, logs);
    readers.series.add(tenant, toPrometheus(metrics));
  }
  return Promise.resolve({ readers, close: () => Promise.resolve() });
});

describeReaders('the embedded store', makeStore);

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A store that tails a journal of its own. */
async function makeStore(data: readonly ContractData[]): Promise<MadeReaders> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-contract-'));
  const journal = await Journal.open({ dir: join(dir, 'journal') });
  for (const { tenant, traces, logs, metrics } of data) {
    const common = { encoding: 'otlp' as const, tenant, rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n };
    if (countItems(traces) > 0) await journal.append({ ...common, signal: 'traces', items: countItems(traces), payload: encodeTraces(traces) });
    if (countItems(logs) > 0) await journal.append({ ...common, signal: 'logs', items: countItems(logs), payload: encodeLogs(logs) });
    if (countItems(metrics) > 0) await journal.append({ ...common, signal: 'metrics', items: countItems(metrics), payload: encodeMetrics(metrics) });
  }
  const store = await Store.open({ dir: join(dir, 'store'), journalDir: join(dir, 'journal'), logger: SILENT });
  const signal = AbortSignal.timeout(60_000);
  while (!(await store.catchUp(journal.durable, signal)).reached) signal.throwIfAborted();
  return {
    readers: store.readers,
    close: async () => {
      await store.close();
      await journal.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
