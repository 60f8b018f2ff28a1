import { hostname, networkInterfaces } from 'node:os';
import type { Endpoint } from '../launcher/messages.js';
import { instrumentLine } from '../local/instrument-line.js';
import { consoleLines } from './console-lines.js';

const LABEL: Readonly<Record<string, string>> = { 'otlp/grpc': 'OTLP over gRPC', 'otlp/http': 'OTLP over HTTP', http: 'Console, APIs' };

/** The lines at start: what listens where, where data is kept, and the one line that instruments an application. */
export function welcome(about: { version: string; endpoints: readonly Endpoint[]; dataDir: string; tookMs: number }): string {
  const lines = about.endpoints.flatMap((e) => {
    const [first = '', ...more] = e.protocol === 'http' ? consoleLines(e, ownAddress()) : [`${e.address}${e.tls ? ' (TLS)' : ''}`];
    return [line(LABEL[e.protocol] ?? e.protocol, first), ...more.map((each) => line('', each))];
  });
  return [
    `Signalbox ${about.version} is ready (${(about.tookMs / 1000).toFixed(1)} s)`,
    ...lines,
    line('Data', about.dataDir),
    line('Instrument', instrumentLine(about.endpoints)),
    '',
  ].join('\n');
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(15)} ${text}`;
}

/** As other machines may know this one: its address in a network, or its name. */
function ownAddress(): string {
  return Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? hostname();
}
