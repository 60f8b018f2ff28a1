import assert from 'node:assert/strict';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { MemorySeries } from '../../../memory/series.js';
import { PromQLExecutionError } from '../../error.js';
import { STALE_NAN } from '../../numbers/stale.js';
import { parsePromQL } from '../../parsing/parse.js';
import { Engine } from '../engine.js';

const TENANT = 'shop';
const STEP_MS = 15_000;
const STEPS = 30;
const VALUES = [NaN, Infinity, -Infinity, STALE_NAN, 1.5e308, -1.5e308, -0, 0, 1e-300];

/** Labels that series share, as the store gives them, or that are each series' own. */
function labelling(shared: boolean): (name: string, value: string) => Labels[number] {
  const known = new Map<string, Labels[number]>();
  return (name, value) => {
    const label = (shared ? known.get(`${name}=${value}`) : undefined) ?? ([name, value] as const);
    known.set(`${name}=${value}`, label);
    return label;
  };
}

function filled(shared: boolean): MemorySeries {
  const series = new MemorySeries();
  const label = labelling(shared);
  for (let i = 0; i < 24; i++) {
    const labels = [label('__name__', i % 2 === 0 ? 'hits_total' : 'level'), ...(i % 5 === 0 ? [] : [label('job', `j${i % 3}`)]), label('pod', `p${i}`), label('zone', `z${i % 4}`)];
    const samples = Array.from({ length: STEPS }, (_, at) => ({ timeMs: at * STEP_MS, value: (at * 31 + i) % 11 === 0 ? VALUES[(at + i) % VALUES.length] ?? 0 : (at * i) % 97 / 7 }));
    series.set(TENANT, labels, samples.filter((_, at) => (at + i) % 13 < 9 && (i % 7 !== 0 || at < 15)));
  }
  return series;
}

describe('aggregations that take series one by one', function aggregations() {
  this.timeout(60_000);
  const context = { tenant: TENANT, signal: new AbortController().signal };
  const ops = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile'];
  const groupings = ['', 'by (job)', 'by (zone, job)', 'by (zone, job, zone, none)', 'by (__name__)', 'without (pod)', 'without (pod, job)', 'by (pod)'];
  const inner = [
    '{pod!=""}', 'level', 'level offset 1m', 'level @ 300', '(hits_total)', 'nothing', 'hits_total smoothed', 'rate(hits_total[2m])', 'increase(level[1m])', 'rate(hits_total[2m] anchored)', 'max_over_time({pod!=""}[1m])',
    'last_over_time(level[1m])', 'last_over_time(rate(level[1m])[2m:15s])', 'quantile_over_time(2, level[1m])', 'present_over_time(level[1m])', 'deriv(level[3m])', 'avg_over_time((-level)[2m:20s])',
  ];

  for (const shared of [true, false]) {
    for (const op of ops) {
      it(`answer as over series that are all there: ${op}, ${shared ? 'shared labels' : 'labels of their own'}`, async () => {
        const engine = new Engine(filled(shared));
        for (const grouping of groupings) {
          for (const vector of inner) {
            for (const param of op === 'quantile' ? ['0.7, ', 'NaN, ', '-1 + time() / 200, '] : ['']) {
              const query = `${op} ${grouping} (${param}${vector})`;
              // Where samples are counted by step, all series are evaluated before they are aggregated.
              const ask = async (counting: boolean) => {
                try {
                  const { result, warnings, infos, samples } = await engine.range(context, query, parsePromQL(query), 0, (STEPS + 20) * STEP_MS, 20_000, 60_000, counting);
                  return { result, warnings, infos, samples };
                } catch (error) {
                  if (error instanceof PromQLExecutionError) return error.message;
                  throw error;
                }
              };
              assert.deepEqual(await ask(false), await ask(true), query);
            }
          }
        }
      });
    }
  }
});
