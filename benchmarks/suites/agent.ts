import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watch } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import { ALIKE, type RunningApplication, startApplication, type Variant, VARIANTS } from './agent/application.js';
import type { Suite } from './suite.js';

/** Requests a second: a quiet application; and as many as it can answer. */
const RATES = { quiet: '100', flat: 'flat' } as const;
type Rate = keyof typeof RATES;
const WARM_SECONDS = 3;
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
        const application = await startApplication(variant, collector, {});
        await application.stop();
        return application;
      });
      const quiet = await inTurns(ROUNDS, (variant) => weigh(variant, collector, 'quiet', ALIKE));
      const asItComes = await inTurns(ROUNDS, (variant) => weigh(variant, collector, 'quiet', {}));
      const flat = await inTurns(ROUNDS, (variant) => weigh(variant, collector, 'flat', ALIKE));
      return {
        figures: [...startFigures(starts), ...requestFigures('100/s', quiet), ...requestFigures('100/s, each as it comes', asItComes), ...requestFigures('flat out', flat)],
        notes: [
          `An Express application, warmed up by ${WARM_SECONDS} s of requests as fast as it answers; each figure is what is added to the application without any agent, medians of ${ROUNDS} runs in turns (starts: ${STARTS}).`,
          'Both send traces and metrics over gRPC, spans every second and metrics every ten; "as it comes" leaves the peer at its own five and sixty seconds.',
        ],
      };
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

async function weigh(variant: Variant, collector: string, rate: Rate, settings: Readonly<Record<string, string>>): Promise<Weight> {
  const application = await startApplication(variant, collector, settings);
  try {
    await ask(application.url, 'flat', WARM_SECONDS);
    const watching = watch(application.pid);
    const beforeMs = await application.cpuMs();
    const answers = await ask(application.url, rate, SECONDS);
    await sleep(SETTLE_MS);
    const usedMs = (await application.cpuMs()) - beforeMs;
    const { peakBytes } = watching.stop();
    if (answers.failed > 0) throw new Error(`${answers.failed} requests failed (${variant})`);
    return { cpuMsPerRequest: usedMs / answers.requests, megabytes: peakBytes / 2 ** 20, p50Ms: answers.p50Ms, p99Ms: answers.p99Ms };
  } finally {
    await application.stop();
  }
}

function ask(url: string, rate: Rate, seconds: number): Promise<Answers> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--import', 'tsx', loadgen('request-main.ts'), `${url}/orders`, RATES[rate], String(seconds)], (error, stdout, stderr) => {
      if (error) reject(new Error(`the load generator failed: ${stderr || error.message}`));
      else resolve(JSON.parse(stdout) as Answers);
    });
  });
}

function startFigures(starts: Record<Variant, RunningApplication[]>): Figure[] {
  const wall = (variant: Variant): number => median(starts[variant].map(({ startMs }) => startMs));
  const cpu = (variant: Variant): number => median(starts[variant].map(({ startCpuMs }) => startCpuMs));
  return [
    added('added to the start', 'ms', wall),
    added('added to the start, CPU of all threads', 'ms', cpu),
    bare('without an agent: start', 'ms', wall),
    bare('without an agent: start, CPU', 'ms', cpu),
  ];
}

function requestFigures(when: string, weights: Record<Variant, Weight[]>): Figure[] {
  const of = (read: (weight: Weight) => number) => (variant: Variant): number => median(weights[variant].map(read));
  const cpu = of((weight) => weight.cpuMsPerRequest * 1000);
  const memory = of((weight) => weight.megabytes);
  return [
    added(`added to a request, CPU (${when})`, 'µs', cpu),
    added(`added to memory, PSS at most (${when})`, 'MB', memory),
    added(`added to latency, p50 (${when})`, 'ms', of((weight) => weight.p50Ms)),
    added(`added to latency, p99 (${when})`, 'ms', of((weight) => weight.p99Ms)),
    bare(`without an agent: CPU of a request (${when})`, 'µs', cpu),
    bare(`without an agent: memory (${when})`, 'MB', memory),
  ];
}

function added(what: string, unit: string, value: (variant: Variant) => number): Figure {
  return { what, unit, ours: value('ours') - value('bare'), peer: value('stock') - value('bare'), peerName: PEER, reach: null, better: 'lower' };
}

function bare(what: string, unit: string, value: (variant: Variant) => number): Figure {
  return { what, unit, ours: value('bare'), peer: null, peerName: '', reach: null, better: 'lower' };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function loadgen(file: string): string {
  return fileURLToPath(new URL(`../loadgen/${file}`, import.meta.url));
}
