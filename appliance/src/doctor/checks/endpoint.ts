import { hint, ok, problem } from '../finding.js';
import type { Check, Finding } from '../finding.js';
import { whoListens } from '../who-listens.js';

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Whether what an application was told (endpoint, protocol) fits what listens there. */
export const endpointCheck: Check = {
  name: 'endpoint',
  async run({ endpoint, protocol, token, timeoutMs, caller }) {
    if (endpoint === null) return [];
    let url: URL;
    try {
      url = new URL(endpoint);
      if (!(url.protocol in DEFAULT_PORT)) throw new Error('no scheme');
    } catch {
      return [problem('endpoint', `"${endpoint}" is not a URL`, 'write it with its scheme, such as http://127.0.0.1:4317')];
    }
    const findings: Finding[] = [];
    const port = url.port === '' ? DEFAULT_PORT[url.protocol]! : Number(url.port);
    if (url.port === '') findings.push(hint('endpoint', `"${endpoint}" names no port, so ${port} is taken`, 'OTLP is usually at 4317 (gRPC) or 4318 (HTTP)'));
    if (url.pathname !== '/' && protocol !== 'grpc') findings.push(...pathFindings(url));
    const listener = await whoListens(url, token, timeoutMs, caller.forAnyName());
    const wants = protocol === null || protocol === 'grpc' ? 'otlp-grpc' : 'otlp-http';
    if (listener.kind === 'nobody') {
      findings.push(problem('endpoint', `nobody listens at ${url.host} (${listener.code})`, 'start the appliance, or correct host and port; from inside a container 127.0.0.1 is the container itself'));
    } else if (listener.kind === 'otlp-grpc' && wants === 'otlp-http') {
      findings.push(problem('endpoint', `${url.host} takes OTLP over gRPC, and the application is told to send ${protocol}`, 'send to port 4318, or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc'));
    } else if (listener.kind === 'otlp-http' && wants === 'otlp-grpc') {
      findings.push(problem('endpoint', `${url.host} takes OTLP over HTTP, and the application is told to send gRPC`, 'send to port 4317, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf'));
    } else if (listener.kind === 'signalbox-console') {
      findings.push(problem('endpoint', `${url.host} is the port for queries and the console, not for sending`, 'send to port 4317 (gRPC) or 4318 (HTTP)'));
    } else if (listener.kind === 'tls') {
      findings.push(problem('endpoint', `${url.host} speaks TLS, and the application is told to speak plain text`, `set the endpoint to https://${url.host}, and OTEL_EXPORTER_OTLP_CERTIFICATE to the authority's certificate`));
    } else if (listener.kind === 'tls-failed') {
      findings.push(problem('endpoint', `TLS with ${url.host} failed: ${listener.detail}`, 'give the application the authority (OTEL_EXPORTER_OTLP_CERTIFICATE; here --ca-file), the name that the certificate has, and where it is demanded OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _KEY; or write http:// where TLS is not spoken'));
    } else if (listener.kind === 'other') {
      findings.push(problem('endpoint', `${url.host} is not an OTLP receiver: ${listener.detail}`, 'correct host and port'));
    } else if (listener.refused !== null) {
      findings.push(problem('endpoint', `${url.host} demands a token: ${listener.refused}`, 'make one with `signalbox token create` and give it as OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>"'));
    } else {
      findings.push(ok('endpoint', `${url.host} takes ${listener.kind === 'otlp-grpc' ? 'OTLP over gRPC' : 'OTLP over HTTP'}`));
    }
    return findings;
  },
};

/** OTEL_EXPORTER_OTLP_ENDPOINT is a base that /v1/traces and so on are put behind; the variables per signal are taken as they are. */
function pathFindings(url: URL): Finding[] {
  if (/^\/v1\/(traces|logs|metrics)\/?$/.test(url.pathname)) {
    return [problem('endpoint', `OTEL_EXPORTER_OTLP_ENDPOINT ends in ${url.pathname}, and exporters put /v1/traces behind it once more`, `set it to ${url.origin}, or use OTEL_EXPORTER_OTLP_TRACES_ENDPOINT for the whole URL`)];
  }
  return [problem('endpoint', `the path ${url.pathname} is not one that the appliance has`, `set it to ${url.origin}; the paths are /v1/traces, /v1/logs and /v1/metrics`)];
}
