import { isIP } from 'node:net';
import type { BaseOptions } from '@platformatic/kafka';
import { z } from 'zod';
import { parseEndpoint } from '../../config/endpoint.js';
import { duration } from '../../config/duration.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import { TlsFiles, tlsSchema, type TlsOptions } from '../http/tls.js';

const DEFAULT_PORT = 9092;
const isBroker = (text: string): boolean => {
  const endpoint = parseEndpoint(/:\d+$/.test(text) ? text : `${text}:${DEFAULT_PORT}`);
  return endpoint !== null && endpoint.host !== undefined && endpoint.port > 0;
};

/** How to reach a Kafka cluster, for the exporter and the receiver alike, with the OpenTelemetry Collector's keys. */
export const kafkaConnectionShape = {
  brokers: z.array(z.string().refine(isBroker, { message: 'expected HOST:PORT.' })).min(1).default(['127.0.0.1:9092']).describe('Brokers to ask first for the others.'),
  client_id: z.string().min(1).max(200).default('signalbox').describe('Name that the brokers see.'),
  auth: z
    .strictObject({
      sasl: z
        .strictObject({
          mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).default('PLAIN').describe('How to prove who one is.'),
          username: z.string().min(1).describe('User.'),
          password: z.string().describe('Password; best from the environment.'),
          version: withoutEffect('the brokers tell what they speak.'),
          aws_msk: refused('PLAIN and SCRAM are spoken; MSK has SCRAM, too.'),
          oauthbearer_token_source: refused('PLAIN and SCRAM are spoken.'),
        })
        .optional(),
      plain_text: refused('write it as sasl: { mechanism: PLAIN, username: …, password: … }.'),
      tls: refused('it stands beside `auth`: tls.'),
      kerberos: refused('PLAIN and SCRAM are spoken (auth.sasl), and certificates (tls.cert_file).'),
    })
    .prefault({}),
  tls: tlsSchema.optional().describe('TLS of the connections; plain text without this section.'),
  protocol_version: withoutEffect('the brokers tell what they speak.'),
  resolve_canonical_bootstrap_servers_only: withoutEffect('brokers are asked under the names that they give themselves.'),
  conn_idle_timeout: withoutEffect('connections are kept as long as the brokers keep them.'),
  metadata: withoutEffect('what is not where it was is asked for again.'),
  topic: refused('it is named by signal: traces: { topic: … }, logs: { topic: … }, metrics: { topic: … }.'),
  encoding: refused('it is named by signal: traces: { encoding: … }, logs: { encoding: … }, metrics: { encoding: … }.'),
  connect_timeout: duration({ minMs: 1 }).default(5000).describe('For a connection to a broker.'),
};

export type KafkaConnectionConfig = z.output<z.ZodObject<typeof kafkaConnectionShape>>;

/** Options of a client; `changed` tells whether a certificate file is another one since they were made. */
export class KafkaConnection {
  private readonly tls: TlsFiles | null;

  constructor(private readonly config: KafkaConnectionConfig, monotonicMs: () => number) {
    this.tls = config.tls === undefined ? null : new TlsFiles(config.tls, monotonicMs);
  }

  /** The same object as long as no file changed. @throws the file system's error where a file cannot be read */
  tlsOptions(): TlsOptions | null {
    return this.tls?.options() ?? null;
  }

  options(tls: TlsOptions | null): BaseOptions {
    const { brokers, client_id, auth, connect_timeout } = this.config;
    // The name goes to the server only where it is one (RFC 6066, 3); an address is checked against the certificate without.
    const tlsServerName = tls?.servername ?? brokers.some((broker) => isIP(broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === 0);
    return {
      clientId: client_id,
      bootstrapBrokers: brokers.map((broker) => (/:\d+$/.test(broker) ? broker : `${broker}:${DEFAULT_PORT}`)),
      connectTimeout: connect_timeout,
      ...(auth.sasl === undefined ? {} : { sasl: { mechanism: auth.sasl.mechanism, username: auth.sasl.username, password: auth.sasl.password } }),
      ...(tls === null ? {} : { tls, tlsServerName }),
    };
  }
}

/** Headers of messages. */
export const TENANT_HEADER = 'x-scope-orgid';
export const BATCH_ID_HEADER = 'signalbox-batch-id';
