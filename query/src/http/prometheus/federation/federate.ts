import type { FastifyPluginAsync } from 'fastify';
import { labelValue } from '../../../labels/labels.js';
import type { Matcher, Series } from '../../../readers.js';
import { isStale } from '../../../promql/numbers/stale.js';
import { formOf } from '../../form.js';
import type { Serving } from '../../serving.js';
import { BadData, prometheusError } from '../errors.js';
import { checkForm, matchersParam } from '../request/params.js';
import { delimitedFamilies } from './delimited.js';
import { negotiateFormat } from './format.js';
import type { Latest } from './latest.js';
import { expositionText } from './text.js';

/**
 * `/federate`: the last sample of every series that matches and is not older than the lookback, in Prometheus' text format or,
 * where the client prefers it, as protobuf.
 */
export function federation(serving: Serving): FastifyPluginAsync {
  return async (app) => {
    app.setErrorHandler((error, _request, reply) => {
      const { status, error: text } = prometheusError(error);
      return reply.code(error instanceof BadData ? 400 : status).header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(`${text}\n`);
    });

    app.get('/federate', async (request, reply) => {
      checkForm(request);
      const selectors = matchersParam(formOf(request), false, true);
      const { kind, contentType, escaping } = negotiateFormat(request.headers.accept ?? '');
      const endMs = Date.now();
      const startMs = endMs - serving.limits.lookbackMs;
      const { maxSeries, maxSamples } = serving.limits;
      const latest = await serving.query(request, reply, async (context) => {
        const found = new Map<string, Latest>();
        let left = maxSamples;
        for (const matchers of selectors) {
          const read = await serving.readers.series.select(context, { startMs, endMs, matchers: matchers as Matcher[], maxSeries, maxSamples: left });
          for (const series of read) {
            left -= series.timesMs.length;
            const last = latestOf(series);
            if (last !== null) found.set(JSON.stringify(series.labels), last);
          }
        }
        return [...found.values()];
      });
      return reply.header('content-type', contentType).send(kind === 'text' ? expositionText(latest, escaping) : delimitedFamilies(latest, escaping));
    });
  };
}

function latestOf({ labels, timesMs, values, histograms }: Series): Latest | null {
  const last = timesMs.length - 1;
  const timeMs = timesMs[last];
  if (timeMs === undefined || labelValue(labels, '__name__') === '') return null;
  const histogram = histograms?.[last] ?? null;
  const value = values[last] ?? NaN;
  if (histogram === null && isStale(value)) return null;
  return { labels, timeMs, value, histogram };
}
