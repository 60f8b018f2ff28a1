import { TLS_REMEDY } from '../../probe/caller.js';
import { START_REMEDY, fetchStatus, urlOf } from '../../probe/endpoints.js';
import { hint, ok, problem } from '../finding.js';
import type { Check, DoctorContext, Finding } from '../finding.js';
import { whoListens } from '../who-listens.js';

const EXPECTED = [
  { protocol: 'otlp/grpc', kind: 'otlp-grpc', port: 4317, label: 'OTLP over gRPC' },
  { protocol: 'otlp/http', kind: 'otlp-http', port: 4318, label: 'OTLP over HTTP' },
] as const;

/** Who answers at the two OTLP ports: the appliance, something else, or nobody. */
export const portsCheck: Check = {
  name: 'ports',
  async run(context) {
    const status = await fetchStatus(context.url, context.token, context.timeoutMs, context.caller).catch(() => null);
    const findings: Finding[] = [];
    for (const expected of EXPECTED) {
      const url = status === null ? `http://127.0.0.1:${expected.port}` : urlOf(status, expected.protocol);
      if (url === null) findings.push(hint('ports', `the appliance does not receive ${expected.label}`, `add it to receivers.otlp.protocols, if an application sends it`));
      else findings.push(await examine(expected, new URL(url), status !== null, context));
    }
    return findings;
  },
};

async function examine(expected: (typeof EXPECTED)[number], url: URL, applianceRuns: boolean, context: DoctorContext): Promise<Finding> {
  const { host: address, port } = url;
  const listener = await whoListens(url, context.token, context.timeoutMs, context.caller);
  if (listener.kind === expected.kind) {
    if (listener.refused !== null) return problem('ports', `${address} takes ${expected.label} and demands a token: ${listener.refused}`, 'give the application a token: SIGNALBOX_TOKEN for our agent, OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>" for any other');
    return ok('ports', `${address} takes ${expected.label}${url.protocol === 'https:' ? ' with TLS' : ''}${applianceRuns ? '' : ', though no appliance answers at ' + context.url}`);
  }
  if (listener.kind === 'nobody') {
    return problem('ports', `nobody listens at ${address} (${listener.code})`, applianceRuns ? 'the receive role is not up: see the output of the appliance' : START_REMEDY);
  }
  if (listener.kind === 'tls-failed') return problem('ports', `TLS with ${address} (${expected.label}) failed: ${listener.detail}`, TLS_REMEDY);
  const other = listener.kind === 'other' ? `something else listens at ${address}: ${listener.detail}` : `${address} takes another protocol (${listener.kind}) than ${expected.label}`;
  return problem('ports', other, `find who has the port with \`ss -ltnp 'sport = :${port}'\`; end it, or choose another port in receivers.otlp.protocols`);
}
