import type { Endpoint } from '../launcher/messages.js';
import { instrumentLine } from '../local/instrument-line.js';

const LABEL: Readonly<Record<string, string>> = { 'otlp/grpc': 'OTLP over gRPC', 'otlp/http': 'OTLP over HTTP', http: 'Console, APIs' };

/** The lines at start: what listens where, where data is kept, and the one line that instruments an application. */
export function welcome(about: { version: string; endpoints: readonly Endpoint[]; dataDir: string; tookMs: number }): string {
  const lines = about.endpoints.map((e) => `  ${(LABEL[e.protocol] ?? e.protocol).padEnd(15)} ${e.protocol === 'http' ? `${e.tls ? 'https' : 'http'}://${e.address}` : e.address}${e.tls && e.protocol !== 'http' ? ' (TLS)' : ''}`);
  return [
    `Signalbox ${about.version} is ready (${(about.tookMs / 1000).toFixed(1)} s)`,
    ...lines,
    `  ${'Data'.padEnd(15)} ${about.dataDir}`,
    `  ${'Instrument'.padEnd(15)} ${instrumentLine(about.endpoints)}`,
    '',
  ].join('\n');
}
