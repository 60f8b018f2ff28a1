import { resolve } from 'node:path';
import { createToken, readTokens, revokeToken } from '../auth/token-file.js';
import type { Scope } from '../auth/token-file.js';
import { ApplianceError } from '../errors.js';
import { table } from './table.js';

export function create(options: { data: string; tenant: string; scope: Scope[]; note: string; json?: boolean }): void {
  const { token, stored } = createToken(resolve(options.data), { tenant: options.tenant, scopes: options.scope, note: options.note }, new Date());
  if (options.json) {
    process.stdout.write(JSON.stringify({ token, id: stored.id, tenant: stored.tenant, scopes: stored.scopes }) + '\n');
    return;
  }
  process.stdout.write(`${token}\n`);
  process.stderr.write(`This is the only time that it is shown. It allows to ${stored.scopes.join(' and ')} as tenant "${stored.tenant}".\n${usesOf(stored.scopes)}`);
}

/** Where a token with these scopes goes. */
export function usesOf(scopes: readonly Scope[]): string {
  const write = [
    '  application:  SIGNALBOX_TOKEN=… node --import @signalbox/agent/register app.js\n',
    '  any OTLP:     OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20…"\n',
  ];
  const read = [
    '  console:      paste it where http://HOST:4319 asks for it\n',
    '  curl:         curl -H "Authorization: Bearer …" http://HOST:4319/jaeger/api/services\n',
  ];
  return [...(scopes.includes('write') ? write : []), ...(scopes.includes('read') ? read : [])].join('');
}

export function list(options: { data: string; json?: boolean }): void {
  const tokens = readTokens(resolve(options.data)).map(({ id, tenant, scopes, note, createdAt }) => ({ id, tenant, scopes, note, createdAt }));
  if (options.json) process.stdout.write(JSON.stringify(tokens) + '\n');
  else if (tokens.length === 0) process.stderr.write('There are no tokens; make one with `signalbox token create`.\n');
  else process.stdout.write(table(['id', 'tenant', 'scopes', 'created', 'note'], tokens.map((t) => [t.id, t.tenant, t.scopes.join(','), t.createdAt, t.note])));
}

export function revoke(id: string, options: { data: string; json?: boolean }): void {
  if (!revokeToken(resolve(options.data), id)) {
    throw new ApplianceError('SBX_AUTH_NO_SUCH_TOKEN', `there is no token "${id}" in ${resolve(options.data)}; \`signalbox token list\` shows them`);
  }
  if (options.json) process.stdout.write(JSON.stringify({ revoked: id }) + '\n');
  else process.stderr.write(`The token ${id} is revoked; a running appliance refuses it within a second.\n`);
}
