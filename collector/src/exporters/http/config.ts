import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import type { Clock } from '../../component.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import { authSchema, type AuthConfig } from './authorization.js';
import type { HttpClientSettings } from './client.js';
import type { Compression } from './compression.js';
import { tlsSchema } from './tls.js';

/** An HTTP URL; `z.url` would also take `file:` and the like. */
export function httpUrl(): z.ZodType<string> {
  return z.string().refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.host !== '';
  }, { message: 'expected a URL such as http://127.0.0.1:9090.' });
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Names are sent in lower case, so that a later header of the same name replaces an earlier one. */
export const headersSchema = z
  .record(z.string().regex(HEADER_NAME, { message: 'is no name of a header.' }), z.string().regex(HEADER_VALUE, { message: 'a header\'s value holds no line breaks or characters beyond Latin-1.' }))
  .default({})
  .transform((headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])))
  .describe('Headers to send with every request, such as Authorization.');

const CONNECTIONS = 'connections are kept as long as the destination keeps them.';

/** What the OpenTelemetry Collector's confighttp has besides. */
export const foreignHttpShape = {
  read_buffer_size: withoutEffect('Node.js has its own.'),
  write_buffer_size: withoutEffect('Node.js has its own.'),
  max_idle_conns: withoutEffect(CONNECTIONS),
  max_idle_conns_per_host: withoutEffect(CONNECTIONS),
  idle_conn_timeout: withoutEffect(CONNECTIONS),
  disable_keep_alives: withoutEffect(CONNECTIONS),
  http2_read_idle_timeout: withoutEffect('HTTP/1.1 is spoken.'),
  http2_ping_timeout: withoutEffect('HTTP/1.1 is spoken.'),
  force_attempt_http2: withoutEffect('HTTP/1.1 is spoken.'),
  cookies: refused('no cookies are kept between requests; let a proxy do it, and name that in proxy_url.'),
  middlewares: refused('let a proxy do it, and name that in proxy_url.'),
};

/** Keys that all exporters over HTTP have, as the OpenTelemetry Collector's confighttp names them. */
export const httpClientShape = {
  headers: headersSchema,
  auth: authSchema.prefault({}),
  tls: tlsSchema.prefault({}).describe('TLS of the connection.'),
  proxy_url: httpUrl().optional().describe('HTTP proxy to go through; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment hold.'),
  ...foreignHttpShape,
  max_conns_per_host: z.int().min(1).max(1024).default(16).describe('Connections at once.'),
  max_response_bytes: byteSize({ min: 1024 }).default(1024 * 1024).describe('How much of an answer is read.'),
};

interface HttpClientConfig {
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: AuthConfig;
  readonly tls: z.output<typeof tlsSchema>;
  readonly proxy_url?: string | undefined;
  readonly max_conns_per_host: number;
  readonly max_response_bytes: number;
}

export function httpClientSettings(config: HttpClientConfig, compression: Compression, clock: Clock): HttpClientSettings {
  return {
    headers: config.headers,
    tls: config.tls,
    auth: config.auth,
    compression,
    proxyUrl: config.proxy_url,
    environment: process.env,
    maxConnections: config.max_conns_per_host,
    maxResponseBytes: config.max_response_bytes,
    monotonicMs: () => clock.monotonicMs(),
  };
}
