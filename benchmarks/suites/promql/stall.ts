import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant, Stalls } from './contestant.js';
import { otlpCounters } from './otlp-load.js';

const SAMPLES_PER_SECOND = 100_000;
const POINTS = 1000;
const CLIENTS = 100;
const STEP_MS = 15_000;
const QUERIES = 8;

export interface StallFigures {
  readonly stalls: Stalls | null;
  readonly ackMsP99: number;
  readonly queries: number;
}

/** 100,000 samples a second come in for `seconds` (an open loop) while eight heavy queries run all the time. */
export async function measureStall(contestant: Contestant, seconds: number): Promise<StallFigures> {
  const startMs = Date.now() - 3_600_000;
  const perSecond = SAMPLES_PER_SECOND / POINTS;
  // Encoded beforehand, for this process must not be what is late.
  const payloads = Array.from({ length: perSecond * (seconds + 2) }, (_, n) => otlpCounters(`live-${n % CLIENTS}`, POINTS, startMs + Math.floor(n / CLIENTS) * STEP_MS, n));
  for (let n = 0; n < CLIENTS * 2; n++) await contestant.otlp(payloads[n]!);
  await contestant.settled();

  const fromMs = Date.now();
  let asking = true;
  let queries = 0;
  const heavy = ['sum by (http_route) (rate({__name__=~"app_requests_.*"}[5m]))', 'quantile by (job) (0.9, {__name__=~"app_requests_.*"})', 'topk(10, sum by (job, http_route) ({__name__=~"app_requests_.*"}))', 'count({__name__=~"app_requests_.*"}) by (http_response_status_code)'];
  const ask = async (i: number): Promise<void> => {
    while (asking) {
      await contestant.side.query('query_range', { query: heavy[i % heavy.length]!, start: String(startMs / 1000), end: String(startMs / 1000 + 600), step: '15' });
      queries++;
    }
  };
  const asked = Promise.all(Array.from({ length: QUERIES }, (_, i) => ask(i)));
  const acks: Promise<number>[] = [];
  const started = performance.now();
  for (let n = CLIENTS * 2; n < payloads.length; n++) {
    const due = started + ((n - CLIENTS * 2) * 1000) / perSecond;
    const waitMs = due - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    acks.push(contestant.otlp(payloads[n]!).then(() => performance.now() - due));
  }
  const latencies = (await Promise.all(acks)).sort((a, b) => a - b);
  const toMs = Date.now();
  asking = false;
  await asked;
  return { stalls: contestant.longestStalls(fromMs, toMs), ackMsP99: latencies[Math.floor(latencies.length * 0.99)] ?? NaN, queries };
}
