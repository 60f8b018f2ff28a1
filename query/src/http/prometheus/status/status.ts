import { availableParallelism, hostname } from 'node:os';
import type { FastifyPluginAsync } from 'fastify';
import type { ParseOptions } from '../../../promql/parsing/parse.js';
import { formatPrometheusDuration } from '../../../promql/durations/duration.js';
import { buildInfo } from '../../build-info.js';
import type { Serving } from '../../serving.js';
import { success } from '../answer/response.js';
import { features } from './features.js';
import { checkRulesParams } from './rules-params.js';

/** The version of Prometheus whose API this is. */
const PROMETHEUS_VERSION = '3.15.0';

/** What a Prometheus would need these flags for. */
function enabledFeatures({ experimentalFunctions = true, extendedRangeSelectors = true, fillModifiers = true }: ParseOptions = {}): string[] {
  return [
    'exemplar-storage', 'metadata-wal-records', 'otlp-deltatocumulative', ...(fillModifiers ? ['promql-binop-fill-modifiers'] : []), 'promql-delayed-name-removal', 'promql-duration-expr',
    ...(experimentalFunctions ? ['promql-experimental-functions'] : []), ...(extendedRangeSelectors ? ['promql-extended-range-selectors'] : []), 'promql-per-step-stats',
  ];
}

/** What a Prometheus without rules, alerts and scrape targets says about itself. */
export function statusRoutes(serving: Serving): FastifyPluginAsync {
  const { limits, options } = serving;
  const startedAt = new Date().toISOString();
  return async (app) => {
    app.get('/-/healthy', (_request, reply) => reply.header('content-type', 'text/plain; charset=utf-8').send('Prometheus Server is Healthy.\n'));
    app.get('/-/ready', (_request, reply) => reply.header('content-type', 'text/plain; charset=utf-8').send('Prometheus Server is Ready.\n'));
    app.options('/api/v1/*', (_request, reply) => reply.code(204).send());

    app.get('/api/v1/status/buildinfo', (_request, reply) => success(reply, buildInfo(PROMETHEUS_VERSION)));
    app.get('/version', (_request, reply) => reply.header('content-type', 'text/plain; charset=utf-8').send(`${JSON.stringify(buildInfo(PROMETHEUS_VERSION))}\n`));
    app.get('/api/v1/features', (_request, reply) => success(reply, features(options.parsing)));
    app.get('/api/v1/status/flags', (_request, reply) => success(reply, {
      agent: 'false', 'enable-feature': enabledFeatures(options.parsing).join(','),
      'query.lookback-delta': formatPrometheusDuration(limits.lookbackMs), 'query.max-concurrency': String(limits.concurrency),
      'query.max-samples': String(limits.maxSamples), 'query.timeout': formatPrometheusDuration(limits.timeoutMs),
      'storage.remote.read-sample-limit': String(limits.maxSamples), 'web.enable-admin-api': 'false', 'web.enable-lifecycle': 'false', 'web.enable-otlp-receiver': 'true', 'web.enable-remote-write-receiver': 'true',
    }));
    // Fields that describe Go's runtime keep their names and say nothing.
    app.get('/api/v1/status/runtimeinfo', (_request, reply) => success(reply, {
      startTime: startedAt, CWD: '', hostname: hostname(), serverTime: new Date().toISOString(), reloadConfigSuccess: true, lastConfigTime: startedAt, corruptionCount: 0,
      goroutineCount: 0, GOMAXPROCS: availableParallelism(), GOMEMLIMIT: 0, GOGC: '', GODEBUG: '', storageRetention: '',
    }));
    app.get('/api/v1/status/config', (_request, reply) => success(reply, { yaml: '# This is no Prometheus: `signalbox start --check` shows its configuration.\n' }));
    app.get('/api/v1/status/walreplay', (_request, reply) => success(reply, { min: 0, max: 0, current: 0 }));

    app.get('/api/v1/rules', (request, reply) => {
      checkRulesParams(request);
      return success(reply, { groups: [] });
    });
    app.get('/api/v1/alerts', (_request, reply) => success(reply, { alerts: [] }));
    app.get('/api/v1/alertmanagers', (_request, reply) => success(reply, { activeAlertmanagers: [], droppedAlertmanagers: [] }));
  };
}
