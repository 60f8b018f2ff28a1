import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { typeOf } from '../values.js';
import { murmur3, murmur3Of128 } from './murmur3.js';

function digest(name: string, algorithm: string): FunctionDefinition {
  return define(name, { target: 'string' }, 'string', (args) => {
    const target = args.string('target');
    return (context) => createHash(algorithm).update(target(context)).digest('hex');
  });
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a of 64 bits, as an int. */
const FNV = define('FNV', { target: 'string' }, 'int', (args) => {
  const target = args.string('target');
  return (context) => {
    let hash = FNV_OFFSET;
    for (const byte of Buffer.from(target(context))) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
    return BigInt.asIntN(64, hash);
  };
});

/** MurmurHash3 of 32 bits, in hexadecimal digits with the lowest byte first. */
const Murmur3Hash = define('Murmur3Hash', { target: 'string' }, 'string', (args) => {
  const target = args.string('target');
  return (context) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(murmur3(Buffer.from(target(context))));
    return bytes.toString('hex');
  };
});

/** The same of 128 bits, as two times 64. */
const Murmur3Hash128 = define('Murmur3Hash128', { target: 'string' }, 'string', (args) => {
  const target = args.string('target');
  return (context) => {
    const bytes = Buffer.alloc(16);
    murmur3Of128(Buffer.from(target(context))).forEach((half, i) => bytes.writeBigUInt64LE(half, i * 8));
    return bytes.toString('hex');
  };
});

/** Ints and floats as their eight bytes, as the OpenTelemetry Collector has it. */
const Hex = define('Hex', { target: 'value' }, 'string', (args) => {
  const target = args.value('target');
  return (context) => {
    const value = target(context);
    const bytes = Buffer.alloc(8);
    switch (typeof value) {
      case 'string':
        return Buffer.from(value).toString('hex');
      case 'boolean':
        return value ? '01' : '00';
      case 'bigint':
        bytes.writeBigInt64BE(value);
        return bytes.toString('hex');
      case 'number':
        bytes.writeDoubleBE(value);
        return bytes.toString('hex');
    }
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    throw new OttlFailure(`Hex: expected string, bytes, int, float or bool, found ${typeOf(value)}`);
  };
});

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = { 'base64': 'base64', 'base64-url': 'base64url', 'base64-raw': 'base64', 'base64-raw-url': 'base64url', 'utf-8': 'utf8', 'utf8': 'utf8', 'us-ascii': 'ascii', 'hex': 'hex' };

function decode(text: string | Uint8Array, encoding: BufferEncoding): string {
  const source = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  if (encoding.startsWith('base64') && !/^[A-Za-z0-9+/_-]*={0,2}$/.test(source)) throw new OttlFailure('Decode: the text is not of base64');
  return Buffer.from(source, encoding).toString('utf8');
}

const Decode = define('Decode', { value: 'value', encoding: 'word' }, 'string', (args) => {
  const value = args.value('value');
  const name = args.word('encoding', '');
  if (!Object.hasOwn(ENCODINGS, name)) throw new Error(`the encoding is one of ${Object.keys(ENCODINGS).join(', ')}, not '${name}'`);
  return (context) => {
    const given = value(context);
    if (typeof given !== 'string' && !(given instanceof Uint8Array)) throw new OttlFailure(`Decode: expected string or bytes, found ${typeOf(given)}`);
    return decode(given, ENCODINGS[name]);
  };
});

const Base64Decode = define('Base64Decode', { value: 'string' }, 'string', (args) => {
  const value = args.string('value');
  return (context) => decode(value(context), 'base64');
});

const BASE64_VARIANTS = ['base64', 'base64-raw', 'base64-url', 'base64-raw-url'];

/** `raw`: without padding. */
const Base64Encode = define('Base64Encode', { target: 'string', 'variant?': 'word' }, 'string', (args) => {
  const target = args.string('target');
  const variant = args.word('variant', 'base64');
  if (!BASE64_VARIANTS.includes(variant)) throw new Error(`the variant is one of ${BASE64_VARIANTS.join(', ')}, not '${variant}'`);
  return (context) => {
    const text = Buffer.from(target(context)).toString('base64');
    const unpadded = variant.includes('raw') ? text.replace(/=+$/, '') : text;
    return variant.includes('url') ? unpadded.replaceAll('+', '-').replaceAll('/', '_') : unpadded;
  };
});

const UUID = define('UUID', {}, 'string', () => () => randomUUID());

const UUIDv7 = define('UUIDv7', {}, 'string', () => (context) => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Number(context.now() / 1_000_000n), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
});

function idOf(name: string, digits: number): FunctionDefinition {
  return define(name, { id: 'value' }, 'bytes', (args) => {
    const read = (value: unknown): Uint8Array | null => {
      const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : typeof value === 'string' ? value.toLowerCase() : '';
      return hex.length === digits && /^[0-9a-f]+$/.test(hex) ? Uint8Array.from(Buffer.from(hex, 'hex')) : null;
    };
    const literal = args.literal('id');
    if (literal !== undefined && !read(literal)) throw new Error(`an id has ${digits} hexadecimal digits`);
    const id = args.value('id');
    return (context) => {
      const bytes = read(id(context));
      if (!bytes) throw new OttlFailure(`${name}: an id has ${digits} hexadecimal digits`);
      return bytes;
    };
  });
}

export const hashConverters: readonly FunctionDefinition[] = [
  digest('SHA1', 'sha1'), digest('SHA256', 'sha256'), digest('SHA512', 'sha512'), digest('MD5', 'md5'), FNV, Murmur3Hash, Murmur3Hash128, Hex, Decode, Base64Decode, Base64Encode, UUID, UUIDv7, idOf('TraceID', 32), idOf('SpanID', 16),
];
