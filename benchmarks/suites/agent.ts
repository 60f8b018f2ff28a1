import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watch } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import { type RunningApplication, startApplication, type Variant, VARIANTS } from './agent/application.js';
import type { Suite } from './suite.js';

const RATE = 100;
const WARM_SECONDS = 4;
const SECONDS = 10;
const ROUNDS = 3;
const STARTS = 7;
const PEER = '@opentelemetry/auto-instrumentations-node';
/** Until what was gathered is sent. */
const SETTLE_MS = 1_500;

interface Weight {
  readonly cpuMsPerRequest: number;
  readonly megabytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Answers {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the agent adds to an Express application, beside what OpenTelemetry's own distribution for Node.js adds, as it comes. */
export const agent: Suite = {
  async run() {
    const sink = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', loadgen('sink-main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(sink, 'exit');
    try {
      const [line] = (await once(sink.stdout, 'data')) as [Buffer];
      const collector = line.toString().trim();
      const starts = await inTurns(STARTS, async (variant) => {
        const application = await startApplication(variant, collector);
        await application.stop();
        return application;
      });
      const weights = await inTurns(ROUNDS, (variant) => weigh(variant, collector));
      return { figures: figuresOf(starts, weights), notes: [`An Express application with ${RATE} requests a second; each figure is what is added to the application without any agent, medians of ${ROUNDS} runs (starts: ${STARTS}).`] };
    } finally {
      sink.kill('SIGTERM');
      await ended;
    }
  },
};

/** All variants in each round, so that what the machine does meets all of them. */
async function inTurns<T>(rounds: number, run: (variant: Variant) => Promise<T>): Promise<Record<Variant, T[]>> {
  const results: Record<Variant, T[]> = { bare: [], ours: [], stock: [] };
  for (let round = 0; round < rounds; round++) for (const variant of VARIANTS) results[variant].push(await run(variant));
  return results;
}

async function weigh(variant: Variant, collector: string): Promise<Weight> {
  const application = await startApplication(variant, collector);
  try {
    await ask(application.url, WARM_SECONDS);
    const watching = watch(application.pid);
    const answers = await ask(application.url, SECONDS);
    await sleep(SETTLE_MS);
    const usage = watching.stop();
    if (answers.failed > 0) throw new Error(`${answers.failed} requests failed (${variant})`);
    return { cpuMsPerRequest: (usage.cpuSeconds * 1000) / answers.requests, megabytes: usage.peakBytes / 2 ** 20, p50Ms: answers.p50Ms, p99Ms: answers.p99Ms };
  } finally {
    await application.stop();
  }
}

function ask(url: string, seconds: number): Promise<Answers> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--import', 'tsx', loadgen('request-main.ts'), `${url}/orders`, String(RATE), String(seconds)], (error, stdout, stderr) => {
      if (error) reject(new Error(`the load generator failed: ${stderr || error.message}`));
      else resolve(JSON.parse(stdout) as Answers);
    });
  });
}

function figuresOf(starts: Record<Variant, RunningApplication[]>, weights: Record<Variant, Weight[]>): Figure[] {
  const of = (variant: Variant, read: (weight: Weight) => number): number => median(weights[variant].map(read));
  const added = (what: string, unit: string, value: (variant: Variant) => number, reach: number | null): Figure => ({
    what, unit, ours: value('ours') - value('bare'), peer: value('stock') - value('bare'), peerName: PEER, reach, better: 'lower',
  });
  const bare = (what: string, unit: string, value: (variant: Variant) => number): Figure => ({ what, unit, ours: value('bare'), peer: null, peerName: '', reach: null, better: 'lower' });
  const start = (variant: Variant): number => median(starts[variant].map(({ startMs }) => startMs));
  const startCpu = (variant: Variant): number => median(starts[variant].map(({ startCpuMs }) => startCpuMs));
  const cpu = (variant: Variant): number => of(variant, (weight) => weight.cpuMsPerRequest * 1000);
  const memory = (variant: Variant): number => of(variant, (weight) => weight.megabytes);
  const half = (variant: Variant): number => of(variant, (weight) => weight.p50Ms);
  const slowest = (variant: Variant): number => of(variant, (weight) => weight.p99Ms);
  return [
    added('added to the start', 'ms', start, null),
    added('added to the start, CPU of all threads', 'ms', startCpu, null),
    added('added to a request, CPU', 'µs', cpu, null),
    added('added to memory (PSS, at most)', 'MB', memory, null),
    added('added to latency, p50', 'ms', half, null),
    added('added to latency, p99', 'ms', slowest, null),
    bare('without an agent: start', 'ms', start),
    bare('without an agent: start, CPU', 'ms', startCpu),
    bare('without an agent: CPU of a request', 'µs', cpu),
    bare('without an agent: memory (PSS, at most)', 'MB', memory),
    bare('without an agent: latency, p99', 'ms', slowest),
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function loadgen(file: string): string {
  return fileURLToPath(new URL(`../loadgen/${file}`, import.meta.url));
}
