import { processTree, cpuSeconds, watch } from '../../measure/processes.js';
import type { Contestant } from './contestant.js';
import { otlpCounters } from './otlp-load.js';

const CLIENTS = 20;
const POINTS = 1000;
const STEP_MS = 15_000;
const SENDERS = 4;

export interface IngestFigures {
  readonly samplesPerCpuSecond: number;
}

/** OTLP over HTTP from 20 clients of 1,000 series each, until all of it is visible and written; the first steps, in which series are made known, are not counted. */
export async function measureIngest(contestant: Contestant, steps: number): Promise<IngestFigures> {
  const startMs = Date.now() - steps * STEP_MS;
  const send = async (from: number, to: number): Promise<void> => {
    for (let step = from; step < to; step++) {
      const payloads = Array.from({ length: CLIENTS }, (_, client) => otlpCounters(`svc-${client}`, POINTS, startMs + step * STEP_MS, step));
      await inParallel(payloads, (payload) => contestant.otlp(payload));
    }
  };
  await send(0, 5);
  await contestant.settled();
  const before = cpuSeconds(processTree(contestant.pid));
  await send(5, steps);
  await contestant.settled();
  return { samplesPerCpuSecond: ((steps - 5) * CLIENTS * POINTS) / (cpuSeconds(processTree(contestant.pid)) - before) };
}

export interface LiveFigures {
  readonly samplesPerCpuSecond: number;
  readonly peakMiB: number;
}

/** 100 clients of 1,000 series each, new ones, then a sample each every 15 s: memory, and what new series cost. */
export async function measureLive(contestant: Contestant, steps: number): Promise<LiveFigures> {
  const clients = 100;
  const startMs = Date.now() - steps * STEP_MS;
  const watching = watch(contestant.pid);
  for (let step = 0; step < steps; step++) {
    await inParallel(Array.from({ length: clients }, (_, client) => client), (client) => contestant.otlp(otlpCounters(`live-${client}`, POINTS, startMs + step * STEP_MS, step)));
  }
  await contestant.settled();
  const { cpuSeconds: used, peakBytes } = watching.stop();
  return { samplesPerCpuSecond: (steps * clients * POINTS) / used, peakMiB: peakBytes / 2 ** 20 };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: SENDERS }, async () => {
    while (next < items.length) await work(items[next++]!);
  }));
}
