import type { PointSeries } from '../../../test/sidebyside/write-request.js';
import { cpuMs, type Contestant } from './contestant.js';

const STEP_MS = 15_000;
const STEPS_PER_WRITE = 240;
const SERIES_PER_WRITE = 250;
const REPEATS = 3;

export interface StoredFigures {
  readonly queryCpuMs: number;
  readonly integerBytes: number;
  readonly floatBytes: number;
}

/** `series` counters of `hours` hours on disk: bytes a sample, and a rate over all of them; then a tenth as many series of random doubles. */
export async function measureStored(contestant: Contestant, series: number, hours: number): Promise<StoredFigures> {
  const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  const startMs = endMs - hours * 3_600_000;
  const totals = new Float64Array(series);
  await fill(contestant, 'stored_total', series, startMs, endMs, (i) => (totals[i] += Math.floor(Math.random() * 100)));
  await contestant.settled();
  const bytes = await contestant.storedBytes();
  const ask = (): Promise<unknown> => contestant.side.query('query_range', { query: 'sum by (job) (rate(stored_total[5m]))', start: String(startMs / 1000), end: String(endMs / 1000), step: '60' });
  await ask();
  const queryCpuMs = (await cpuMs(contestant, async () => { for (let i = 0; i < REPEATS; i++) await ask(); })) / REPEATS;

  await fill(contestant, 'random_value', series / 10, startMs, endMs, () => Math.random() * 100);
  await contestant.settled();
  const steps = (endMs - startMs) / STEP_MS;
  return { queryCpuMs, integerBytes: bytes / (series * steps), floatBytes: (await contestant.storedBytes() - bytes) / ((series / 10) * steps) };
}

/** Hour by hour, as data comes. */
async function fill({ side }: Contestant, name: string, series: number, startMs: number, endMs: number, next: (series: number) => number): Promise<void> {
  for (let fromMs = startMs; fromMs < endMs; fromMs += STEPS_PER_WRITE * STEP_MS) {
    for (let first = 0; first < series; first += SERIES_PER_WRITE) {
      await side.write(Array.from({ length: Math.min(SERIES_PER_WRITE, series - first) }, (_, i): PointSeries => ({
        labels: [['__name__', name], ['instance', `host-${first + i}`], ['job', `job-${(first + i) % 10}`]],
        points: Array.from({ length: STEPS_PER_WRITE }, (_, at) => ({ timeMs: fromMs + at * STEP_MS, value: next(first + i) })),
      })), SERIES_PER_WRITE);
    }
  }
}
