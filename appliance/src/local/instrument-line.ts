import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../launcher/messages.js';
import { httpUrl } from '../probe/http-url.js';

/** Where the agent sends to when it is told nothing. */
const AGENT_DEFAULT = 'http://127.0.0.1:4317';

/** The line that instruments an application on this machine and has it send to these endpoints. */
export function instrumentLine(endpoints: readonly Endpoint[]): string {
  return `${destination(endpoints)}node --import ${agentSpecifier()} app.js`;
}

function destination(endpoints: readonly Endpoint[]): string {
  const urlOf = (protocol: string): string | null => {
    const endpoint = endpoints.find((each) => each.protocol === protocol);
    return endpoint === undefined ? null : httpUrl(endpoint.address, endpoint.tls);
  };
  const grpc = urlOf('otlp/grpc');
  if (grpc !== null) return grpc === AGENT_DEFAULT ? '' : `OTEL_EXPORTER_OTLP_ENDPOINT=${grpc} `;
  const http = urlOf('otlp/http');
  return http === null ? '' : `OTEL_EXPORTER_OTLP_ENDPOINT=${http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf `;
}

/** In a clone the agent is a file beside us; installed from a registry it is a package of the application. */
function agentSpecifier(): string {
  const inClone = fileURLToPath(new URL('../../../agents/node/dist/register.js', import.meta.url));
  return existsSync(inClone) ? inClone : '@signalbox/agent/register';
}
