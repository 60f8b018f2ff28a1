import { queryExemplars, queryInstant, queryRange } from '../../api/prometheus.js';
import type { Exemplar, Series } from '../../api/prometheus.js';
import { useClient } from '../../api/context.js';
import type { Client } from '../../api/client.js';
import { useLoad } from '../../api/use-load.js';
import type { Loading } from '../../api/use-load.js';
import { interpolate } from '../variables/interpolate.js';
import { SAMPLE_INTERVAL_MS, intervalOf, parseStep } from '../variables/interval.js';
import type { Interval } from '../variables/interval.js';
import { legendText } from './legend.js';
import type { Panel, Target } from '../model.js';
import type { Choice } from '../variables/variables.js';

export interface NamedSeries extends Series {
  readonly name: string;
  readonly refId: string;
}

export interface PanelData {
  readonly interval: Interval;
  readonly series: readonly NamedSeries[];
  readonly exemplars: readonly Exemplar[];
}

/** Runs a panel's queries whenever its expressions, the range or its width change enough to matter. */
export function usePanelData(panel: Panel, choices: readonly Choice[], span: { readonly fromMs: number; readonly toMs: number }, width: number): Loading<PanelData> {
  const client = useClient();
  // Widths are taken in steps, so that a window being resized does not ask at every pixel.
  const points = panel.maxPoints ?? Math.max(100, Math.round(width / 100) * 100);
  const ready = width > 0 && panel.type !== 'unsupported';
  const targets = panel.targets.filter(({ expr }) => expr !== '').map((target) => {
    const least = parseStep(target.interval) ?? parseStep(panel.interval) ?? SAMPLE_INTERVAL_MS;
    const interval = intervalOf(span.fromMs, span.toMs, points, least);
    return { ...target, expr: interpolate(target.expr, choices, interval), legend: interpolate(target.legend, choices, interval), every: interval };
  });
  const key = JSON.stringify([targets.map(({ expr, legend, every }) => [expr, legend, every]), span]);
  return useLoad(ready ? key : null, async (signal) => {
    const answers = await Promise.all(targets.map((target) => ask(client, panel, target, span.toMs, signal)));
    const exemplars = await Promise.all(targets.filter((target) => target.exemplars && panel.type === 'timeseries').map((target) => exemplarsOf(client, target, signal)));
    return { interval: targets[0]?.every ?? intervalOf(span.fromMs, span.toMs, points, SAMPLE_INTERVAL_MS), series: answers.flat(), exemplars: exemplars.flat() };
  });
}

type Asked = Target & { readonly every: Interval };

async function ask(client: Client, panel: Panel, target: Asked, nowMs: number, signal: AbortSignal): Promise<readonly NamedSeries[]> {
  const { expr, every } = target;
  const instant = target.instant || panel.type === 'table';
  const found = instant ? await queryInstant(client, expr, nowMs, signal) : await queryRange(client, { expr, ...every }, signal);
  return found.map((series) => ({ ...series, refId: target.refId, name: legendText(target.legend, series.labels, expr) }));
}

/** Exemplars are an addition: where the API cannot give any, the lines stand without them. */
async function exemplarsOf(client: Client, { expr, every }: Asked, signal: AbortSignal): Promise<readonly Exemplar[]> {
  try {
    return await queryExemplars(client, { expr, ...every }, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}
