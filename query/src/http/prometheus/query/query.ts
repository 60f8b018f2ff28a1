import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { goQuote } from '../../../go/strconv.js';
import type { ReadContext, SeriesReader } from '../../../readers.js';
import type { Expr } from '../../../promql/ast.js';
import { typeOf } from '../../../promql/check.js';
import { Engine } from '../../../promql/engine/engine.js';
import type { Answer } from '../../../promql/engine/engine.js';
import { timeAt } from '../../../promql/engine/values/values.js';
import { ParseCache } from '../../../promql/parsing/parse-cache.js';
import { printPromQL } from '../../../promql/print.js';
import { formOf } from '../../form.js';
import type { Serving } from '../../serving.js';
import { BadData } from '../errors.js';
import { ExplainingReader } from './explain.js';
import { limitParam, lookbackParam, rangeParams, timeParam, timeoutParam } from '../request/params.js';
import { answer, success } from '../answer/response.js';

type Ask = (engine: Engine, context: ReadContext) => Promise<Answer>;

/** What a request asks for, checked. */
interface Question {
  readonly expr: Expr;
  readonly limit: number;
  readonly stats: string;
  readonly timeoutMs: number;
  readonly ask: Ask;
}

/** `query`, `query_range`, and our own `explain`, which takes the parameters of either and answers what was read. */
export function queryRoutes(app: FastifyInstance, serving: Serving): void {
  const method = ['GET' as const, 'POST' as const];
  const engineOver = (reader: SeriesReader): Engine => {
    const { lookbackMs, maxSeries, maxSamples, maxMemoryBytes } = serving.limits;
    return new Engine(reader, { lookbackMs, maxSeries, maxSamples, maxMemoryBytes });
  };
  const engine = engineOver(serving.readers.series);
  const parsed = new ParseCache(serving.options.parsing);

  const evaluate = (request: FastifyRequest, reply: FastifyReply, { limit, stats, timeoutMs, ask }: Question) => {
    const notes = ['', 'true', 'all'].includes(stats) ? [] : [`value ${goQuote(stats)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`];
    const queued = performance.now();
    return serving.query(request, reply, async (context) => {
      const started = performance.now();
      const ends: (() => void)[] = [];
      try {
        const result = await ask(engine, { ...context, atEnd: (work) => { ends.push(work); } });
        return await answer(reply, result, limit, stats === '' ? null : statsOf(result, queued, started, stats === 'all'), notes, context.signal);
      } finally {
        for (const end of ends) end();
      }
    }, timeoutMs);
  };

  app.route({ method, url: '/api/v1/query', handler: (request, reply) => evaluate(request, reply, instantQuestion(formOf(request), parsed)) });
  app.route({ method, url: '/api/v1/query_range', handler: (request, reply) => evaluate(request, reply, rangeQuestion(formOf(request), parsed, serving.limits.maxPoints)) });

  app.route({
    method, url: '/api/v1/explain', handler: async (request, reply) => {
      const form = formOf(request);
      const question = form.has('start') || form.has('end') || form.has('step') ? rangeQuestion(form, parsed, serving.limits.maxPoints) : instantQuestion(form, parsed);
      const reader = new ExplainingReader(serving.readers.series);
      const started = performance.now();
      const { result, samples, warnings, infos, explain } = await serving.query(request, reply, (context) => question.ask(engineOver(reader), context), question.timeoutMs);
      const series = result.type === 'vector' || result.type === 'matrix' ? result.series.length : 1;
      return success(reply, {
        query: printPromQL(question.expr), resultType: result.type, resultSeries: series, samplesHeld: samples, plan: explain().plan,
        milliseconds: Math.round((performance.now() - started) * 1000) / 1000, reads: reader.reads,
      }, { warnings, infos });
    },
  });
}

/** Throws BadData and PromQLParseError, in the order in which Prometheus looks at the parameters. */
function instantQuestion(form: URLSearchParams, parsed: ParseCache): Question {
  const limit = limitParam(form);
  const timeMs = timeParam(form, 'time', Date.now());
  const timeoutMs = timeoutParam(form);
  const lookbackMs = lookbackParam(form);
  const query = form.get('query') ?? '';
  const expr = parsed.parse(query);
  const stats = form.get('stats') ?? '';
  const counting = stats !== '';
  return { expr, limit, stats, timeoutMs, ask: (engine, context) => engine.instant(context, query, expr, timeMs, lookbackMs, counting) };
}

function rangeQuestion(form: URLSearchParams, parsed: ParseCache, maxPoints: number): Question {
  const limit = limitParam(form);
  const { startMs, endMs, stepMs } = rangeParams(form, maxPoints);
  const timeoutMs = timeoutParam(form);
  const lookbackMs = lookbackParam(form);
  const query = form.get('query') ?? '';
  const expr = parsed.parse(query);
  const type = typeOf(expr);
  if (type !== 'scalar' && type !== 'vector') {
    throw new BadData(`invalid parameter "query": invalid expression type "${type === 'matrix' ? 'range vector' : type}" for range query, must be Scalar or instant Vector`);
  }
  const stats = form.get('stats') ?? '';
  const counting = stats !== '';
  return { expr, limit, stats, timeoutMs, ask: (engine, context) => engine.range(context, query, expr, startMs, endMs, stepMs, lookbackMs, counting) };
}

/** What `stats` asks for. Times in seconds. Per step where all is asked for. */
function statsOf({ samples, counts }: Answer, queued: number, started: number, perStep: boolean): object {
  const now = performance.now();
  const evalTotalTime = (now - started) / 1000;
  const steps = (of: Float64Array | undefined) => (perStep && counts !== null && of !== undefined ? Array.from(of, (count, step) => [timeAt(counts.grid, step) / 1000, count]) : undefined);
  return {
    timings: { evalTotalTime, resultSortTime: 0, queryPreparationTime: 0, innerEvalTime: evalTotalTime, execQueueTime: (started - queued) / 1000, execTotalTime: (now - queued) / 1000 },
    samples: {
      totalQueryableSamplesPerStep: steps(counts?.loadedPerStep), totalQueryableSamples: counts?.loaded ?? samples, samplesReadPerStep: steps(counts?.readPerStep), samplesRead: counts?.read ?? samples, peakSamples: samples,
    },
  };
}
