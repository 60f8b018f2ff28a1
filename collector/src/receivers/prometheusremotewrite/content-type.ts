import { GrpcCode } from '../requests/grpc-code.js';
import { Refusal } from '../requests/refusal.js';

export type WriteVersion = 1 | 2;

const MEDIA_TYPE = 'application/x-protobuf';
const V1 = 'prometheus.WriteRequest';
const V2 = 'io.prometheus.write.v2.Request';

/** Which version a content type names; without one it is 1. Errors are in Prometheus' words (storage/remote, ParseProtoMsg). @throws Refusal 415 */
export function writeVersion(contentType: string | undefined): WriteVersion {
  const text = (contentType || MEDIA_TYPE).trim();
  const [media, ...parameters] = text.split(';');
  if (media !== MEDIA_TYPE) throw unsupported(`expected ${MEDIA_TYPE} as the first (media) part, got ${text} content-type`);
  for (const parameter of parameters) {
    const pair = parameter.split('=');
    if (pair.length !== 2) throw unsupported(`as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got ${parameter} in ${text} content-type`);
    if (pair[0]!.trim() !== 'proto') continue;
    if (pair[1] === V1) return 1;
    if (pair[1] === V2) return 2;
    throw unsupported(`got ${text} content type; unknown type for remote write protobuf message ${pair[1]}, supported: ${V1}, ${V2}`);
  }
  return 1;
}

/** @throws Refusal 415 for anything but snappy, which is also what no header means */
export function checkEncoding(contentEncoding: string | undefined): void {
  if (contentEncoding === undefined || contentEncoding === '' || contentEncoding.toLowerCase() === 'snappy') return;
  throw unsupported(`${contentEncoding.slice(0, 100)} encoding (compression) is not accepted by this server; only snappy is acceptable`);
}

function unsupported(message: string): Refusal {
  return new Refusal('unsupported', GrpcCode.INVALID_ARGUMENT, 415, message.slice(0, 1000));
}
