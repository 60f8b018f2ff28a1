import { createHash } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { isList } from '../values.js';

/** @throws Error that names what is no network */
function networksOf(values: readonly AnyValue[]): BlockList {
  const networks = new BlockList();
  for (const value of values) {
    const [address = '', bits = '', ...more] = typeof value === 'string' ? value.split('/') : [];
    const longest = isIPv6(address) ? 128 : 32;
    if (!isAddress(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > longest || more.length > 0) throw new Error(`'${String(value as string)}' is no network such as 10.0.0.0/8 or fd00::/8`);
    networks.addSubnet(address, Number(bits), longest === 128 ? 'ipv6' : 'ipv4');
  }
  return networks;
}

function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** What is no address is in none. */
const IsInCIDR = define('IsInCIDR', { target: 'string', networks: 'list' }, 'bool', (args) => {
  const target = args.string('target');
  const list = args.list('networks');
  const literal = args.literal('networks');
  const known = literal !== undefined && isList(literal) ? networksOf(literal) : null;
  return (context) => {
    const address = target(context);
    if (!isAddress(address)) return false;
    let networks = known;
    if (networks === null) {
      try {
        networks = networksOf(list(context));
      } catch (error) {
        throw new OttlFailure(`IsInCIDR: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  };
});

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, RSVP: 46, ICMP6: 58, SCTP: 132 };

/** A flow's hash that is the same for both directions (corelight/community-id-spec, version 1). */
const CommunityID = define('CommunityID', { sourceIP: 'string', sourcePort: 'int', destinationIP: 'string', destinationPort: 'int', 'protocol?': 'string', 'seed?': 'int' }, 'string', (args) => {
  const ends = (['source', 'destination'] as const).map((side) => [side, args.string(`${side}IP`), args.int(`${side}Port`)] as const);
  const protocol = args.has('protocol') ? args.string('protocol') : () => 'TCP';
  const seed = args.has('seed') ? args.int('seed') : () => 0n;
  return (context) => {
    const [from, to] = ends.map(([side, ip, port]) => {
      const bytes = addressBytes(ip(context));
      if (bytes === null) throw new OttlFailure(`CommunityID: the ${side} is no IP address`);
      return { bytes, port: uint16(port(context), `the ${side}'s port`) };
    });
    const named = protocol(context);
    if (!Object.hasOwn(PROTOCOLS, named)) throw new OttlFailure(`CommunityID: the protocol is one of ${Object.keys(PROTOCOLS).join(', ')}, not '${named.slice(0, 40)}'`);
    const order = from.bytes.length - to.bytes.length || Buffer.compare(from.bytes, to.bytes) || from.port.readUInt16BE() - to.port.readUInt16BE();
    const [first, second] = order > 0 ? [to, from] : [from, to];
    const hash = createHash('sha1').update(uint16(seed(context), 'the seed')).update(first.bytes).update(second.bytes).update(Uint8Array.of(PROTOCOLS[named], 0)).update(first.port).update(second.port);
    return `1:${hash.digest('base64')}`;
  };
});

function uint16(value: bigint, what: string): Buffer {
  if (value < 0n || value > 65_535n) throw new OttlFailure(`CommunityID: ${what} is from 0 to 65535, not ${value}`);
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(Number(value));
  return bytes;
}

/** Four bytes, or sixteen; those of version 4 written as version 6 are four. */
function addressBytes(text: string): Buffer | null {
  if (!isAddress(text)) return null;
  if (!isIPv6(text)) return Buffer.from(text.split('.').map(Number));
  // The URL parser writes the last four bytes as two groups of hexadecimal digits.
  const [before = '', after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const [left, right] = [groups(before), groups(after ?? '')];
  const bytes = Buffer.alloc(16);
  left.forEach((group, i) => bytes.writeUInt16BE(group, i * 2));
  right.forEach((group, i) => bytes.writeUInt16BE(group, (8 - right.length + i) * 2));
  return bytes.subarray(0, 12).equals(MAPPED) ? bytes.subarray(12) : bytes;
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

export const addressConverters: readonly FunctionDefinition[] = [IsInCIDR, CommunityID];
