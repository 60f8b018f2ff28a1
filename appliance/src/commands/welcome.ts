import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../launcher/messages.js';

const LABEL: Readonly<Record<string, string>> = { 'otlp/grpc': 'OTLP over gRPC', 'otlp/http': 'OTLP over HTTP', http: 'Console, APIs' };

/** The lines at start: what listens where, where data is kept, and the one line that instruments an application. */
export function welcome(about: { version: string; endpoints: readonly Endpoint[]; dataDir: string; tookMs: number }): string {
  const lines = about.endpoints.map((e) => `  ${(LABEL[e.protocol] ?? e.protocol).padEnd(15)} ${e.protocol === 'http' ? `${e.tls ? 'https' : 'http'}://${e.address}` : e.address}${e.tls && e.protocol !== 'http' ? ' (TLS)' : ''}`);
  return [
    `Signalbox ${about.version} is ready (${(about.tookMs / 1000).toFixed(1)} s)`,
    ...lines,
    `  ${'Data'.padEnd(15)} ${about.dataDir}`,
    `  ${'Instrument'.padEnd(15)} node --import ${agentSpecifier()} app.js`,
    '',
  ].join('\n');
}

/** In a clone the agent is a file beside us; installed from a registry it is a package of the application. */
function agentSpecifier(): string {
  const inClone = fileURLToPath(new URL('../../../agents/node/dist/register.js', import.meta.url));
  return existsSync(inClone) ? inClone : '@signalbox/agent/register';
}
