import type { FastifyPluginAsync } from 'fastify';
import type { Matcher, MetricMetadata } from '../../readers.js';
import { compareLabels } from '../../labels/labels.js';
import { Turns } from '../../event-loop.js';
import type { Expr } from '../../promql/ast.js';
import { formatValue } from '../../promql/numbers/number-text.js';
import { PromQLParseError } from '../../promql/error.js';
import type { ParseOptions } from '../../promql/parsing/parse.js';
import { parsePromQL } from '../../promql/parsing/parse.js';
import { formOf } from '../form.js';
import type { Serving } from '../serving.js';
import { BadData } from './errors.js';
import { unescapeName } from './federation/escape-name.js';
import { labelSetsText } from './answer/label-texts.js';
import { MAX_TIME_MS, MIN_TIME_MS, checkForm, goInteger, limitParam, matchersParam, timeParam } from './request/params.js';
import type { Notes } from './answer/response.js';
import { labelsObject, success, successText } from './answer/response.js';
import { SelectorCache } from './request/selector-cache.js';

const TRUNCATED: Notes = { warnings: ['results truncated due to limit'], infos: [] };

/** Labels, series, metadata and exemplars. */
export function seriesRoutes(serving: Serving): FastifyPluginAsync {
  const reader = serving.readers.series;
  const method = ['GET' as const, 'POST' as const];

  const { parse } = new SelectorCache();
  const selectorsIn = (form: URLSearchParams, withName = false): readonly (readonly Matcher[])[] => matchersParam(form, withName, false, parse);
  const timesOf = (form: URLSearchParams) => ({ startMs: timeParam(form, 'start', MIN_TIME_MS), endMs: timeParam(form, 'end', MAX_TIME_MS) });
  const cut = <T>(list: readonly T[], limit: number): { list: readonly T[]; notes?: Notes } => (limit > 0 && list.length > limit ? { list: list.slice(0, limit), notes: TRUNCATED } : { list });

  return async (app) => {
    app.route({
      method, url: '/api/v1/labels', handler: async (request, reply) => {
        const form = formOf(request);
        const limit = limitParam(form);
        const { startMs, endMs } = timesOf(form);
        const selectors = selectorsIn(form);
        const { list, notes } = cut(await serving.query(request, reply, (context) => reader.labelNames(context, selectors, startMs, endMs)), limit);
        return success(reply, list, notes);
      },
    });

    app.get<{ Params: { name: string } }>('/api/v1/label/:name/values', async (request, reply) => {
      const name = unescapeName(request.params.name);
      if (name === '') throw new BadData(`invalid label name: ${JSON.stringify(name)}`);
      const form = formOf(request);
      const limit = limitParam(form);
      const { startMs, endMs } = timesOf(form);
      const selectors = selectorsIn(form);
      const { list, notes } = cut(await serving.query(request, reply, (context) => reader.labelValues(context, name, selectors, startMs, endMs)), limit);
      return success(reply, list, notes);
    });

    app.route({
      method, url: '/api/v1/series', handler: async (request, reply) => {
        checkForm(request);
        const form = formOf(request);
        if (form.getAll('match[]').length === 0) throw new BadData('no match[] parameter provided');
        const asked = limitParam(form);
        const { startMs, endMs } = timesOf(form);
        const selectors = selectorsIn(form, true);
        const limit = asked === 0 ? serving.limits.maxSeries : Math.min(asked, serving.limits.maxSeries);
        const { text, notes } = await serving.query(request, reply, async (context) => {
          const { list, notes: cutNotes } = cut(await reader.series(context, selectors, startMs, endMs, limit + 1), limit);
          return { text: await labelSetsText([...list].sort(compareLabels), new Turns(context.signal)), notes: cutNotes };
        });
        return successText(reply, text, notes);
      },
    });

    app.get('/api/v1/metadata', async (request, reply) => {
      const form = formOf(request);
      const limit = countParam(form, 'limit');
      const perMetric = countParam(form, 'limit_per_metric') || Infinity;
      const metric = form.get('metric') ?? '';
      const all = await serving.query(request, reply, (context) => reader.metadata(context));
      const byName = new Map<string, Omit<MetricMetadata, 'name'>[]>();
      for (const { name, type, help, unit } of all) {
        if (metric !== '' && name !== metric) continue;
        const known = byName.get(name) ?? [];
        if (!byName.has(name) && byName.size >= limit) continue;
        if (known.length < perMetric) byName.set(name, [...known, { type, help, unit }]);
      }
      return success(reply, Object.fromEntries(byName));
    });

    app.route({
      method, url: '/api/v1/query_exemplars', handler: async (request, reply) => {
        const form = formOf(request);
        const { startMs, endMs } = timesOf(form);
        if (endMs < startMs) throw new BadData('end timestamp must not be before start timestamp');
        const selectors = selectorsOf(parseExemplarQuery(form.get('query') ?? '', serving.options.parsing));
        if (selectors.length === 0) return reply.code(204).send();
        const found = await serving.query(request, reply, (context) => reader.exemplars(context, selectors, startMs, endMs));
        return success(reply, found.map(({ labels, exemplars }) => ({
          seriesLabels: labelsObject(labels),
          exemplars: exemplars.map((exemplar) => ({ labels: labelsObject(exemplar.labels), value: formatValue(exemplar.value), timestamp: exemplar.timeMs / 1000 })),
        })));
      },
    });
  };
}

function parseExemplarQuery(query: string, options: ParseOptions | undefined): Expr {
  try {
    return parsePromQL(query, options);
  } catch (error) {
    if (error instanceof PromQLParseError) throw new BadData(error.message);
    throw error;
  }
}

/** The selectors in an expression. */
function selectorsOf(expr: Expr): (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  const pending: Expr[] = [expr];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    switch (node.kind) {
      case 'selector': found.push(node.matchers); break;
      case 'matrix': found.push(node.selector.matchers); break;
      case 'paren':
      case 'unary':
      case 'subquery': pending.push(node.inner); break;
      case 'aggregate': pending.push(node.inner, ...(node.param === null ? [] : [node.param])); break;
      case 'binary': pending.push(node.left, node.right); break;
      case 'call': pending.push(...node.args); break;
      default:
    }
  }
  return found;
}

/** Infinity where there is none or it is below zero. */
function countParam(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? '';
  const count = text === '' ? null : goInteger(text);
  if (count === null && text !== '') throw new BadData(`${name} must be a number`);
  return count === null || count < 0 ? Infinity : count;
}
