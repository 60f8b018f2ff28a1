import type { ApplianceStatus } from '../api/status.js';

/** For other machines, and while the appliance has not said more. */
const INSTALLED = 'node --import @signalbox/agent/register app.js';

const PROTOCOLS: readonly (readonly [listener: string, protocol: string, port: number])[] = [['otlp/grpc', 'gRPC', 4317], ['otlp/http', 'HTTP', 4318]];

/** How data comes to the appliance, for who sees the page under this host name. */
export function waysIn(status: Pick<ApplianceStatus, 'listeners' | 'instrument'> | undefined, hostname: string): { readonly instrument: string; readonly otlp: readonly string[] } {
  // The line names a file of the appliance's machine, which another one does not have.
  const here = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const otlp = PROTOCOLS.flatMap(([name, protocol, port]) => {
    if (status === undefined) return [`${hostname}:${port} (${protocol})`];
    const address = status.listeners.find((listener) => listener.name === name)?.address;
    return address === undefined ? [] : [`${address.replace(/^(0\.0\.0\.0|\[::\]):/, `${hostname}:`)} (${protocol})`];
  });
  return { instrument: here && status !== undefined && status.instrument !== '' ? status.instrument : INSTALLED, otlp };
}
