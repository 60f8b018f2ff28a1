/**
 * Measures the store alone, without receivers. Run from the workspace's root:
 *
 *   node --import tsx --conditions=source store/bench/measure.ts fill DIR 1000000   a journal of spans (10 attributes, 10 spans a trace, 10 services)
 *   UV_THREADPOOL_SIZE=16 node … store/bench/measure.ts ingest DIR                  journal → files, then merges; CPU, memory, bytes
 *   UV_THREADPOOL_SIZE=16 node … store/bench/measure.ts query DIR                   start, trace by id, service + attribute newest 20
 */
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '@signalbox/journal/journal';
import type { SpanCondition } from '@signalbox/query/readers';
import { Store } from '@signalbox/store/store';
import type { StoreLogger } from '@signalbox/store/logger';
import type { StoreSettingsInput } from '@signalbox/store/settings';
import { Random } from '../../benchmarks/loadgen/random.js';
import { SpanTemplate } from '../../benchmarks/loadgen/span-template.js';

const [, , what, dir, argument] = process.argv;
const SPANS_PER_REQUEST = 500;
const SERVICES = Array.from({ length: 10 }, (_, i) => `service-${i}`);
const logger: StoreLogger = { debug() {}, info() {}, warn: (m, f) => console.error('warn', m, f), error: (m, f) => console.error('error', m, f) };
const context = { tenant: 'default', signal: new AbortController().signal };
const ALL = { startNs: 0n, endNs: 1n << 64n };
const settings: StoreSettingsInput = JSON.parse(process.env['STORE_SETTINGS'] ?? '{}') as StoreSettingsInput;

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function fill(count: number): Promise<void> {
  const journal = await Journal.open({ dir: join(dir, 'journal') });
  const random = new Random(42);
  const templates = SERVICES.map((service, i) => SpanTemplate.make(SPANS_PER_REQUEST, service, i + 1));
  let endNs = BigInt(Date.now()) * 1_000_000n - BigInt(count) * 50_000n;
  for (let sent = 0; sent < count; sent += SPANS_PER_REQUEST) {
    const template = templates[(sent / SPANS_PER_REQUEST) % templates.length];
    template.patch(random, endNs);
    await journal.append({ signal: 'traces', encoding: 'otlp', tenant: 'default', items: SPANS_PER_REQUEST, rejected: [], receivedNs: endNs, payload: Buffer.from(template.bytes) });
    endNs += BigInt(SPANS_PER_REQUEST) * 50_000n;
  }
  await journal.close();
}

async function open(): Promise<Store> {
  return Store.open({ dir: join(dir, 'store'), journalDir: join(dir, 'journal'), logger, settings });
}

async function ingest(): Promise<void> {
  let worstTurnMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    worstTurnMs = Math.max(worstTurnMs, now - last - 2);
    last = now;
  }, 2);
  let peakRss = 0;
  const memory = setInterval(() => { peakRss = Math.max(peakRss, process.memoryUsage.rss()); }, 20);
  const cpu0 = cpuSeconds();
  const t0 = performance.now();
  const store = await open();
  const stats = () => store.stats();
  while (stats().behindBytes > 0 || stats().hot.generations > 1) await sleep(20);
  const caughtUpMs = performance.now() - t0;
  let before = -1;
  while (stats().upkeep.merges !== before) {
    before = stats().upkeep.merges;
    await sleep(settings.merge?.intervalMs ? settings.merge.intervalMs * 3 : 6000);
  }
  const threads = threadSeconds();
  await store.close();
  clearInterval(watch);
  clearInterval(memory);
  const { files, upkeep, hot } = stats();
  const spans = files.spans.rows;
  console.log(JSON.stringify({
    spans, files: files.spans.files, cpuSecondsPerMillion: round(((cpuSeconds() - cpu0) / spans) * 1e6), bytesPerSpan: round(files.spans.bytes / spans), caughtUpMs: Math.round(caughtUpMs), ...upkeep,
    peakRssMb: Math.round(peakRss / 1e6), worstTurnMs: round(worstTurnMs), hotRows: hot.rows, threads,
  }));
}

/** CPU seconds of the main thread and of all others together (Linux). */
function threadSeconds(): Record<string, number> {
  const seconds = { main: 0, others: 0 };
  for (const id of readdirSync('/proc/self/task')) {
    const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1].split(' ');
    seconds[Number(id) === process.pid ? 'main' : 'others'] += (Number(fields[11]) + Number(fields[12])) / 100;
  }
  return seconds;
}

async function query(): Promise<void> {
  const t0 = performance.now();
  const store = await open();
  console.log(JSON.stringify({ openMs: round(performance.now() - t0), files: store.stats().files.spans.files, spans: store.stats().files.spans.rows }));
  const { spans } = store.readers;
  const search = (conditions: readonly SpanCondition[], limit = 20): Promise<unknown> => spans.search(context, { range: ALL, conditions, limit, spansPerTrace: 3 });
  const service = (): SpanCondition => ({ scope: 'intrinsic', key: 'service', op: '=', value: SERVICES[randomInt(SERVICES.length)] });
  const attribute = (key: string, value: SpanCondition['value'], op: SpanCondition['op'] = '='): SpanCondition => ({ scope: 'span', key, op, value });
  const ids = await sampleTraceIds(store, 200);
  await measure('trace by id', 200, (i) => spans.trace(context, ids[i % ids.length]));
  await measure('unknown trace', 50, () => spans.trace(context, Array.from({ length: 32 }, () => randomInt(16).toString(16)).join('')));
  await measure('newest 20', 30, () => search([]));
  await measure('service newest 20', 30, () => search([service()]));
  await measure('service + status code newest 20', 30, () => search([service(), attribute('http.response.status_code', 404)]));
  await measure('service + zone newest 20', 30, () => search([service(), attribute('cloud.availability_zone', 'us-east-1c')]));
  await measure('service + rare port newest 20', 60, () => search([service(), attribute('network.peer.port', 16384 + randomInt(49152))]));
  await measure('rare port newest 20', 60, () => search([attribute('network.peer.port', 16384 + randomInt(49152))]));
  await measure('unique path newest 20', 60, () => search([attribute('url.path', `/checkout/${String(randomInt(1_000_000)).padStart(6, '0')}`)]));
  await measure('service + two attributes newest 20', 30, () => search([service(), attribute('http.response.status_code', 500), attribute('app.cache_hit', true)]));
  await measure('service + two that never meet', 10, () => search([service(), attribute('http.response.status_code', 500), attribute('cloud.availability_zone', 'nowhere')]));
  await measure('service + duration > 199 ms newest 20', 10, () => search([service(), { scope: 'intrinsic', key: 'duration', op: '>', value: 199_000_000 }]));
  await measure('queue_ms > 19.9999 (scan)', 5, () => search([attribute('app.queue_ms', 19.9999, '>')]));
  await measure('services', 20, () => spans.services(context));
  await measure('tag values of status code', 3, () => spans.tagValues(context, 'span', 'http.response.status_code', ALL, 100));
  await measure('dependencies', 2, () => spans.dependencies(context, ALL));
  console.log(JSON.stringify({ rssMb: Math.round(process.memoryUsage.rss() / 1e6) }));
  await store.close();
}

async function sampleTraceIds(store: Store, count: number): Promise<string[]> {
  const found = new Set<string>();
  while (found.size < count) {
    const port = 16384 + randomInt(49152);
    for (const trace of await store.readers.spans.search(context, { range: ALL, conditions: [{ scope: 'span', key: 'network.peer.port', op: '=', value: port }], limit: 20, spansPerTrace: 0 })) found.add(trace.traceId);
  }
  return [...found];
}

async function measure(name: string, times: number, run: (i: number) => Promise<unknown>): Promise<void> {
  const ms: number[] = [];
  const cpu0 = cpuSeconds();
  let results = 0;
  for (let i = 0; i < times; i++) {
    const t0 = performance.now();
    const result = await run(i);
    ms.push(performance.now() - t0);
    if (Array.isArray(result)) results += result.length;
  }
  ms.sort((a, b) => a - b);
  const at = (share: number): number => round(ms[Math.min(ms.length - 1, Math.floor(ms.length * share))]);
  console.log(name.padEnd(40), `p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  cpu ${round(((cpuSeconds() - cpu0) / times) * 1000)} ms  results ${round(results / times)}`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

if (what === 'fill') await fill(Number(argument));
else if (what === 'ingest') await ingest();
else if (what === 'query') await query();
else console.error('fill DIR COUNT | ingest DIR | query DIR');
