/**
 * Prints what an append costs: requests of 500 spans (230 KB), 16 senders, segments recycled at the cap on
 * bytes. `node --conditions=source --import tsx measure-append.child.ts [directory] [appends per second, 0 = flat out] [seconds]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../journal.js';

const SPANS = 500;
const SENDERS = 16;
const parent = process.argv[2] ?? tmpdir();
const rate = Number(process.argv[3] ?? 0);
const seconds = Number(process.argv[4] ?? 5);
const dir = mkdtempSync(join(parent, 'sbx-measure-'));
const openedAt = performance.now();
const journal = await Journal.open({ dir, minFreeShare: 0, maxBytes: 1 << 30 });
const openMs = performance.now() - openedAt;
const payloads = Array.from({ length: SENDERS }, (_, i) => Buffer.alloc(230_000, i));

async function run(ms: number): Promise<{ appends: number; latencies: Float64Array; cpuUs: number; userUs: number; elapsedMs: number; syncs: number }> {
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const syncs = journal.stats().syncs;
  await Promise.all(payloads.map(async (payload, sender) => {
    for (let n = 0; performance.now() - start < ms; n++) {
      const at = performance.now();
      await journal.append({ signal: 'traces', encoding: 'otlp', tenant: 'default', items: SPANS, rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, payload });
      latencies.push(performance.now() - at);
      if (rate > 0) await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + ((n + 1) * SENDERS + sender) * (1000 / rate) - performance.now())));
    }
  }));
  const { user, system } = process.cpuUsage(cpu);
  return { appends: latencies.length, latencies: Float64Array.from(latencies).sort(), cpuUs: user + system, userUs: user, elapsedMs: performance.now() - start, syncs: journal.stats().syncs - syncs };
}

await run(2000);
const { appends, latencies, cpuUs, userUs, elapsedMs, syncs } = await run(seconds * 1000);
const at = (share: number): string => latencies[Math.floor(latencies.length * share)]!.toFixed(1);
console.log(JSON.stringify({
  rate, openMs: +openMs.toFixed(1), appendsPerS: Math.round(appends / (elapsedMs / 1000)), spansPerS: Math.round((appends * SPANS) / (elapsedMs / 1000)),
  cpuUsPerAppend: +(cpuUs / appends).toFixed(1), userUsPerAppend: +(userUs / appends).toFixed(1), cpuUsPerSpan: +(cpuUs / appends / SPANS).toFixed(3), framesPerSync: +(appends / syncs).toFixed(1),
  p50Ms: at(0.5), p99Ms: at(0.99), maxMs: latencies.at(-1)!.toFixed(1),
}));
await journal.close();
rmSync(dir, { recursive: true });
