import { COMPRESSIONS, type Compression } from '../../requests/decompress.js';
import { GrpcCode } from '../../requests/grpc-code.js';
import { Refusal } from '../../requests/refusal.js';

/** How a body is written: OTLP in protobuf, or its JSON mapping. */
export type BodyFormat = 'protobuf' | 'json';

const TYPES: Readonly<Record<BodyFormat, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };

export function contentType(format: BodyFormat): string {
  return TYPES[format];
}

/** @throws Refusal 415 */
export function bodyFormat(header: string | undefined): BodyFormat {
  const format = formatOf(header);
  if (format !== null) return format;
  const found = header === undefined ? 'is missing' : `'${header.slice(0, 80)}' is not supported`;
  throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 415, `content-type ${found}: send ${TYPES.protobuf} or ${TYPES.json}`);
}

/** The format for answers to a request that may not have a usable one. */
export function answerFormat(header: string | undefined): BodyFormat {
  return formatOf(header) ?? 'json';
}

function formatOf(header: string | undefined): BodyFormat | null {
  const [type, ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type === TYPES.protobuf || type === 'application/protobuf') return 'protobuf';
  if (type !== TYPES.json) return null;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replace(/"/g, '');
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' ? 'json' : null;
}

/** `zlib` is what the OpenTelemetry Collector's exporters call deflate (RFC 1950). */
const ALIASES: Readonly<Record<string, string>> = { 'x-gzip': 'gzip', zlib: 'deflate' };

const IDENTITY = 'identity';
export type BodyEncoding = Compression | typeof IDENTITY;

/** What bodies may be compressed with: what is allowed (all, where nothing is said), as far as Node.js has it. `identity` is not to be compressed. */
export function bodyEncodings(allowed: readonly string[] | undefined): readonly BodyEncoding[] {
  const all = [...COMPRESSIONS, IDENTITY] as const;
  if (allowed === undefined) return all;
  const names = allowed.map((name) => (name === '' ? IDENTITY : (ALIASES[name] ?? name)));
  return all.filter((encoding) => names.includes(encoding));
}

/** @throws Refusal 415 that names what is taken */
export function bodyCompression(header: string | undefined, taken: readonly BodyEncoding[]): Compression | null {
  const encoding = (header ?? '').trim().toLowerCase() || IDENTITY;
  const name = ALIASES[encoding] ?? encoding;
  const known = taken.find((each) => each === name);
  if (known !== undefined) return known === IDENTITY ? null : known;
  const hint = name === 'zstd' && !COMPRESSIONS.includes('zstd') ? ', for which Node.js 22.15 is needed' : '';
  throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 415, `content-encoding '${encoding.slice(0, 80)}' is not supported${hint}: send ${taken.join(', ').replace(/, (\w+)$/, ' or $1')}`);
}
