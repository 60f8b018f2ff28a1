import type { Context } from 'mocha';
import { isBuilt } from './cache.js';
import { findRecipe } from './recipes.js';

const URL_VARIABLES: Readonly<Record<string, string>> = {
  prometheus: 'SIGNALBOX_TEST_PROMETHEUS_URL',
  alertmanager: 'SIGNALBOX_TEST_ALERTMANAGER_URL',
  loki: 'SIGNALBOX_TEST_LOKI_URL',
  elasticsearch: 'SIGNALBOX_TEST_ELASTICSEARCH_URL',
  kafka: 'SIGNALBOX_TEST_KAFKA_BROKERS',
};

/**
 * To be called first in a test or hook that needs a server: skips it where the server was not obtained and says how to
 * get it. Where CI is set a missing server is a failure, unless it is a peer that is there to be compared with.
 */
export function requireServer(context: Context, name: string): void {
  const variable = URL_VARIABLES[name];
  const given = variable === undefined ? undefined : process.env[variable];
  if ((given !== undefined && given !== '') || isBuilt(findRecipe(name))) return;
  const remedy = `${name} is not there: npm run test:servers -- ${name}${variable === undefined ? '' : `, or set ${variable}`}`;
  if (inCi() && !findRecipe(name).peer) throw new Error(remedy);
  console.warn(`      skipped: ${remedy}`);
  context.skip();
}

/** For tests that stop the server or start several: skipped where it was given by its URL. */
export function requireOwnServer(context: Context, name: string): void {
  requireServer(context, name);
  const variable = URL_VARIABLES[name];
  const given = variable === undefined ? undefined : process.env[variable];
  if (given === undefined || given === '') return;
  console.warn(`      skipped: it would stop or configure ${name}, which ${variable} gives`);
  context.skip();
}

function inCi(): boolean {
  const ci = process.env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}
