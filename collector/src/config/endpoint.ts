export interface Endpoint {
  /** Without brackets; undefined: all addresses of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

/** Reads `127.0.0.1:4317`, `[::1]:4317`, `localhost:4317`, `:4317` (all addresses); null when it is none of these. */
export function parseEndpoint(text: string): Endpoint | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/@]*)):(\d{1,5})$/.exec(text.trim());
  if (!match) return null;
  const port = Number(match[3]);
  const host = match[1] ?? match[2];
  return port <= 65_535 ? { host: host === '' ? undefined : host, port } : null;
}

/** `127.0.0.1:4317`, `[::1]:4317` */
export function endpointText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
