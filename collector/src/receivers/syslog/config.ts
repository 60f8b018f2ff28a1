import { isIP } from 'node:net';
import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { parseEndpoint } from '../../config/endpoint.js';
import { listenEndpoint } from '../../config/listen-endpoint.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compileOperators } from '../../parsing/operators/compile.js';
import { EXPECTED_ZONE, zoneNamed } from '../../parsing/time-zone.js';
import { isLoopbackHost } from '../../security/loopback.js';
import { serverTlsSchema } from '../../security/server-tls.js';

const network = z.string().refine((text) => parseNetwork(text) !== null, { error: 'expected an address or a network such as 10.0.0.0/8' });
const maxLogSize = byteSize({ min: 64, max: 8 * 2 ** 20 }).default(2 ** 16).describe('Longer messages are cut off.');

const schema = z.strictObject({
  tcp: z
    .strictObject({
      listen_address: listenEndpoint().default('127.0.0.1:54526').describe('Where messages are accepted over TCP.'),
      max_log_size: maxLogSize,
      enable_octet_counting: z.boolean().optional().describe('Messages have their length in front of them (RFC 6587); without a value their first byte tells.'),
      add_attributes: refused('the message says who sent it.'),
      one_log_per_packet: withoutEffect('each message is a record.'),
      encoding: refused('messages are UTF-8.'),
      multiline: refused('with a length in front of them messages may have several lines: enable_octet_counting.'),
      max_connections: z.int().min(1).default(1000).describe('Connections at once.'),
      idle_timeout: duration({ minMs: 1000 }).default(600_000).describe('A connection without messages is closed after it.'),
      tls: serverTlsSchema.optional(),
    })
    .optional(),
  udp: z.strictObject({ listen_address: listenEndpoint().default('127.0.0.1:54526').describe('Where messages are accepted over UDP.'), max_log_size: maxLogSize, add_attributes: refused('the message says who sent it.'), one_log_per_packet: z.boolean().default(false).describe('Whether a datagram is one message, whatever is in it (RFC 5426); otherwise each of its lines is one.'), encoding: refused('messages are UTF-8.'), multiline: refused('a datagram with several lines is one message with one_log_per_packet.'), async: withoutEffect('datagrams are taken as they come.') }).optional(),
  operators: z.array(z.record(z.string(), z.unknown())).default([]).describe('As the Collector has them, and as `filelog` takes them; they are given what was read of the message.'),
  on_error: withoutEffect('what is no syslog is kept whole, with the reason beside it.'),
  enable_octet_counting: refused('it stands below `tcp`.'),
  max_octets: refused('it is max_log_size, below `tcp`.'),
  non_transparent_framing_trailer: refused('a newline ends messages that have no length in front; NUL and carriage return in front of it go.'),
  retry_on_failure: withoutEffect('what finds no room waits for it.'),
  storage: withoutEffect('what was received is in the journal.'),
  preserve_leading_whitespaces: withoutEffect('the message stays as it is.'),
  preserve_trailing_whitespaces: withoutEffect('the message stays as it is, but for the newline behind it.'),
  protocol: z.enum(['rfc5424', 'rfc3164', 'auto']).default('auto').describe('`auto` tells by the version behind the priority.'),
  location: z.string().default('UTC').refine((zone) => zoneNamed(zone) !== null, { error: EXPECTED_ZONE }).describe('Zone of times that name none (RFC 3164): `UTC`, `+02:00`, `Europe/Berlin`, or `Local` for that of the machine.'),
  allow_skip_pri_header: z.boolean().default(false).describe('Messages without a priority are accepted as RFC 3164.'),
  keep_line: z.boolean().default(false).describe('The whole line is the body, the message the attribute `message`.'),
  accept_from: z.array(network).default([]).describe('Networks whose senders are accepted; syslog knows no tokens, so on an address other than loopback some must be named.'),
  max_buffered_bytes: byteSize({ min: 2 ** 16 }).default(16 * 2 ** 20).describe('Messages waiting for the disk; beyond, connections wait and datagrams are dropped and counted.'),
  resource: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}).describe('Attributes of the resource.'),
  tenant: z.string().min(1).default('default').describe('Whose the records are.'),
});

export { schema as syslogSchema };
export type SyslogConfig = z.output<typeof schema>;

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): SyslogConfig {
  const config = parseSection(schema, raw, place);
  const mistakes = [];
  if (!config.tcp && !config.udp) mistakes.push(mistakeAt(place, 'SBX_CONFIG_MISSING', 'name at least one of: tcp, udp.'));
  for (const transport of ['tcp', 'udp'] as const) {
    const listen = config[transport]?.listen_address;
    const host = listen === undefined ? 'localhost' : parseEndpoint(listen)?.host;
    if ((host === undefined || !isLoopbackHost(host)) && config.accept_from.length === 0 && !(transport === 'tcp' && config.tcp?.tls?.client_ca_file !== undefined)) {
      mistakes.push(mistakeAt(place.child(transport).child('listen_address'), 'SBX_CONFIG_BAD_VALUE', 'on an address other than loopback name the networks that may send (accept_from), or the authority of their certificates (tcp.tls.client_ca_file).'));
    }
  }
  mistakes.push(...compileOperators(config.operators, place.child('operators')).mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

/** `10.0.0.0/8`, `fd00::/8`, `192.0.2.1`; null for what is none. */
export function parseNetwork(text: string): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null;
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : null;
}
