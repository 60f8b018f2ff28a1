import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { listenEndpoint } from '../../config/endpoint.js';
import { serverTlsSchema, type ServerTlsConfig } from '../../security/server-tls.js';

const MIB = 2 ** 20;

/** Settings that receivers of pushes over HTTP have in common; `endpoint` is theirs. */
export const pushSettings = {
  max_request_body_size: byteSize({ min: 1, max: 1024 * MIB }).default(16 * MIB).describe('Size of one body, before decompression.'),
  max_decompressed_size: byteSize({ min: 1, max: 1024 * MIB }).default(32 * MIB).describe('Size of one body, after decompression.'),
  max_connections: z.int().min(1).default(1000).describe('Connections at once, on its own endpoint.'),
  read_timeout: duration({ minMs: 1 }).default(60_000).describe('A whole request must have arrived within it.'),
  allowed_hosts: z.array(z.string()).default([]).describe('Host names, besides loopback ones, that requests to its own endpoint may name; `*` for any. On an address other than loopback any is accepted unless some are listed.'),
  tls: serverTlsSchema.optional(),
} as const;

export interface PushSettings {
  readonly endpoint?: string | undefined;
  readonly max_request_body_size: number;
  readonly max_decompressed_size: number;
  readonly max_connections: number;
  readonly read_timeout: number;
  readonly allowed_hosts: readonly string[];
  readonly tls?: ServerTlsConfig | undefined;
}

export const ownEndpoint = () => listenEndpoint().optional().describe('Where it listens besides the query port (4319); nowhere unless set.');
