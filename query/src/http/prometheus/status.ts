import { availableParallelism, hostname } from 'node:os';
import type { FastifyPluginAsync } from 'fastify';
import { NumberError, goQuote, parseGoBool, parseGoInt } from '../../go/strconv.js';
import { formatPrometheusDuration } from '../../promql/duration.js';
import { buildInfo } from '../build-info.js';
import { formOf } from '../form.js';
import type { Serving } from '../serving.js';
import { BadData } from './errors.js';
import { matchersParam, named } from './params.js';
import { success } from './response.js';

/** The version of Prometheus whose API this is. */
const PROMETHEUS_VERSION = '3.15.0';

/** What a Prometheus without rules, alerts and scrape targets says about itself. */
export function statusRoutes(serving: Serving): FastifyPluginAsync {
  const { limits } = serving;
  const startedAt = new Date().toISOString();
  return async (app) => {
    app.get('/-/healthy', (_request, reply) => reply.header('content-type', 'text/plain; charset=utf-8').send('Prometheus Server is Healthy.\n'));
    app.get('/-/ready', (_request, reply) => reply.header('content-type', 'text/plain; charset=utf-8').send('Prometheus Server is Ready.\n'));
    app.options('/api/v1/*', (_request, reply) => reply.code(204).send());

    app.get('/api/v1/status/buildinfo', (_request, reply) => success(reply, buildInfo(PROMETHEUS_VERSION)));
    app.get('/api/v1/status/flags', (_request, reply) => success(reply, {
      'enable-feature': 'promql-experimental-functions,promql-delayed-name-removal,exemplar-storage',
      'query.lookback-delta': formatPrometheusDuration(limits.lookbackMs), 'query.max-concurrency': String(limits.concurrency),
      'query.max-samples': String(limits.maxSamples), 'query.timeout': formatPrometheusDuration(limits.timeoutMs),
    }));
    // Fields that describe Go's runtime keep their names and say nothing.
    app.get('/api/v1/status/runtimeinfo', (_request, reply) => success(reply, {
      startTime: startedAt, CWD: '', hostname: hostname(), serverTime: new Date().toISOString(), reloadConfigSuccess: true, lastConfigTime: startedAt, corruptionCount: 0,
      goroutineCount: 0, GOMAXPROCS: availableParallelism(), GOMEMLIMIT: 0, GOGC: '', GODEBUG: '', storageRetention: '',
    }));
    app.get('/api/v1/status/config', (_request, reply) => success(reply, { yaml: '# This is no Prometheus: `signalbox start --check` shows its configuration.\n' }));
    app.get('/api/v1/status/walreplay', (_request, reply) => success(reply, { min: 0, max: 0, current: 0 }));

    app.get('/api/v1/rules', (request, reply) => {
      checkRulesParams(formOf(request));
      return success(reply, { groups: [] });
    });
    app.get('/api/v1/alerts', (_request, reply) => success(reply, { alerts: [] }));
    app.get('/api/v1/alertmanagers', (_request, reply) => success(reply, { activeAlertmanagers: [], droppedAlertmanagers: [] }));
  };
}

/** What may be asked of rules. Throws BadData. */
function checkRulesParams(form: URLSearchParams): void {
  matchersParam(form);
  const [type, exclude, limit, token] = ['type', 'exclude_alerts', 'group_limit', 'group_next_token'].map((name) => form.get(name) ?? '');
  const kind = (type ?? '').toLowerCase();
  if (!['', 'alert', 'record'].includes(kind)) throw new BadData(`invalid parameter "type": not supported value ${goQuote(kind)}`);
  const told = (what: string, read: () => unknown) => () => {
    try {
      read();
    } catch (error) {
      throw error instanceof NumberError ? new BadData(`${what}: ${error.message}`) : error;
    }
  };
  if (exclude !== '' && exclude !== undefined) named('exclude_alerts', told('error converting exclude_alerts', () => parseGoBool(exclude.toLowerCase())));
  if (limit === '' || limit === undefined) {
    if (token !== '') throw new BadData('invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups');
    return;
  }
  named('group_limit', told('group_limit needs to be a valid number', () => parseGoInt(limit, 32)));
  if (parseGoInt(limit, 32) <= 0n) throw new BadData('invalid parameter "group_limit": group_limit needs to be greater than 0');
  if (token !== '') throw new BadData(`invalid parameter "group_next_token": invalid group_next_token '${token}'. were rule groups changed?`);
}
