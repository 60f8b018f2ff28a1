import type { PointSeries } from '../../../test/sidebyside/write-request.js';
import { cpuMs, type Contestant } from './contestant.js';

const STEP_MS = 15_000;
const STEPS_PER_WRITE = 240;
const SERIES_PER_WRITE = 250;
const REPEATS = 3;

export interface StoredFigures {
  readonly queryCpuMs: number;
  /** Bytes a sample. */
  readonly wholeCounterBytes: number;
  readonly counterBytes: number;
  readonly gaugeBytes: number;
  readonly uniformBytes: number;
}

/**
 * What samples take on disk, each kind for `hours` hours behind those of the one before: doubles from 0 to 100 that have nothing in common;
 * gauges that begin between 50 and 100 and move by up to a half either way; counters that grow by a random double; and, of ten times as many
 * series as of the others, `series`, counters that grow by a whole number, with a rate over all of these.
 */
export async function measureStored(contestant: Contestant, series: number, hours: number): Promise<StoredFigures> {
  const spanMs = hours * 3_600_000;
  const lastEndMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  let endMs = lastEndMs - 4 * spanMs;
  let stored = 0;
  const bytesOf = async (name: string, count: number, next: (series: number) => number): Promise<number> => {
    endMs += spanMs;
    await fill(contestant, name, count, endMs - spanMs, endMs, next);
    await contestant.settled();
    const before = stored;
    stored = await contestant.storedBytes();
    return (stored - before) / (count * (spanMs / STEP_MS));
  };
  const few = series / 10;
  const uniformBytes = await bytesOf('uniform_value', few, () => Math.random() * 100);
  const gauges = Float64Array.from({ length: few }, () => 50 + Math.random() * 50);
  const gaugeBytes = await bytesOf('drifting_value', few, (i) => (gauges[i] += Math.random() - 0.5));
  const seconds = new Float64Array(few);
  const counterBytes = await bytesOf('stored_seconds_total', few, (i) => (seconds[i] += Math.random()));
  const totals = new Float64Array(series);
  const wholeCounterBytes = await bytesOf('stored_total', series, (i) => (totals[i] += Math.floor(Math.random() * 100)));

  const ask = (): Promise<unknown> => contestant.side.query('query_range', {
    query: 'sum by (job) (rate(stored_total[5m]))', start: String((endMs - spanMs) / 1000), end: String(endMs / 1000), step: '60',
  });
  await ask();
  const queryCpuMs = (await cpuMs(contestant, async () => { for (let i = 0; i < REPEATS; i++) await ask(); })) / REPEATS;
  return { queryCpuMs, wholeCounterBytes, counterBytes, gaugeBytes, uniformBytes };
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
