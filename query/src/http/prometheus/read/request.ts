import { uncompress } from 'snappy';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { valueMatcher } from '../../../labels/matcher.js';
import type { Matcher } from '../../../readers.js';
import { RegexpError } from '../../../regexp/linear.js';

/** What a remote read asks for, times in milliseconds, both inclusive. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  readonly responseType: 'samples' | 'chunks';
}

/** The request cannot be read; the text is answered as it is. */
export class ReadRequestError extends Error {
  constructor(message: string, readonly status: 400 | 500 = 400) {
    super(message);
  }
}

const OPERATORS = ['=', '!=', '=~', '!~'] as const;
/** Levels of messages in a request. */
const MAX_DEPTH = 8;

/** A ReadRequest of Prometheus' remote read protocol, compressed with snappy. Throws ReadRequestError. */
export async function decodeReadRequest(body: Buffer, maxBytes: number): Promise<ReadRequest> {
  const length = decodedLength(body);
  if (length === null) throw new ReadRequestError('snappy: corrupt input');
  if (length > maxBytes) throw new ReadRequestError(`snappy: decoded length ${length} exceeds limit ${maxBytes}`);
  let bytes: Buffer | string;
  try {
    bytes = await uncompress(body, { asBuffer: true });
  } catch {
    throw new ReadRequestError('snappy: corrupt input');
  }
  if (typeof bytes === 'string') throw new ReadRequestError('snappy: corrupt input');
  try {
    return readRequest(bytes);
  } catch (error) {
    if (error instanceof OtlpError) throw new ReadRequestError(`the request is not a prometheus.ReadRequest: ${error.message}`);
    throw error;
  }
}

/** The length that snappy's block format begins with; null where it is broken. */
function decodedLength(body: Buffer): number | null {
  let length = 0;
  for (let i = 0; i < 5 && i < body.length; i++) {
    const byte = body[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  return null;
}

function readRequest(bytes: Buffer): ReadRequest {
  const reader = new Reader(bytes, MAX_DEPTH);
  const queries: ReadQuery[] = [];
  const accepted: number[] = [];
  while (reader.pos < bytes.length) {
    const tag = reader.tag(bytes.length);
    if (tag === 0x0a) queries.push(readQuery(reader, reader.limit(bytes.length))); // 1 queries
    else if (tag === 0x10) accepted.push(reader.int32(bytes.length)); // 2 accepted_response_types
    else if (tag === 0x12) for (const end = reader.limit(bytes.length); reader.pos < end;) accepted.push(reader.int32(end)); // packed
    else reader.skip(tag, bytes.length);
  }
  const type = accepted.length === 0 ? 0 : accepted.find((one) => one === 0 || one === 1);
  if (type === undefined) throw new ReadRequestError(`server does not support any of the requested response types: [${accepted.join(' ')}]; supported: map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]`);
  return { queries, responseType: type === 1 ? 'chunks' : 'samples' };
}

function readQuery(reader: Reader, end: number): ReadQuery {
  let startMs = 0;
  let endMs = 0;
  const matchers: Matcher[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x08) startMs = Number(reader.int64(end)); // 1 start_timestamp_ms
    else if (tag === 0x10) endMs = Number(reader.int64(end)); // 2 end_timestamp_ms
    else if (tag === 0x1a) matchers.push(readMatcher(reader, reader.limit(end))); // 3 matchers
    else reader.skip(tag, end); // 4 hints narrow nothing that the times and matchers do not
  }
  return { startMs, endMs, matchers };
}

function readMatcher(reader: Reader, end: number): Matcher {
  let type = 0;
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x08) type = reader.int32(end); // 1 type
    else if (tag === 0x12) name = reader.string(end); // 2 name
    else if (tag === 0x1a) value = reader.string(end); // 3 value
    else reader.skip(tag, end);
  }
  const op = OPERATORS[type];
  // What Prometheus decodes, but makes no matcher of, is an error of its own to it.
  if (op === undefined) throw new ReadRequestError('invalid matcher type', 500);
  try {
    valueMatcher({ name, op, value });
  } catch (error) {
    if (error instanceof RegexpError) throw new ReadRequestError(error.message, 500);
    throw error;
  }
  return { name, op, value };
}
