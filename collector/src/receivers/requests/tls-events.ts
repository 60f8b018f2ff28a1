import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import type { TlsGreetingOptions } from '../../security/tls-greeting.js';
import type { RateLimitedLog } from '../../telemetry/rate-limited.js';

const SPOKEN = { http1: 'HTTP/1 in plain text', http2: 'HTTP/2 in plain text', unknown: 'something other than TLS' } as const;

export interface TlsEventsOptions {
  /** For people: `OTLP over gRPC`. */
  readonly what: string;
  readonly meter: ReceiverMeter;
  readonly log: RateLimitedLog;
  /** Where it listens. */
  readonly address: () => string | undefined;
}

/** What a receiver tells clients that do not get through TLS, counts and logs. */
export function tlsGreeting({ what, meter, log, address }: TlsEventsOptions): TlsGreetingOptions {
  return {
    hint: () => `This port (${what}) speaks TLS: write https:// in the endpoint, or switch TLS on in the sender. [SBX_TLS_CLIENT]`,
    onPlain(spoken) {
      meter.refusedRequest('tls');
      log.warn(`plain ${spoken}`, `a client speaks ${SPOKEN[spoken]} to a port that expects TLS: its endpoint should begin with https://`, { code: 'SBX_TLS_CLIENT', what, address: address() });
    },
    onFailed(reason) {
      meter.refusedRequest('tls');
      log.warn('tls', 'a client did not get through TLS', { code: 'SBX_TLS_CLIENT', what, address: address(), reason });
    },
  };
}
