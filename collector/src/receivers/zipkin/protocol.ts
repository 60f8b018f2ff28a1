import type { IncomingMessage } from 'node:http';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import type { ReceiverContext } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import { GrpcCode } from '../requests/grpc-code.js';
import { malformed, Refusal } from '../requests/refusal.js';
import { appendPush } from '../push/append.js';
import type { Compression, PushAnswer, PushProtocol } from '../push/exchange.js';
import type { TenantShare } from '../requests/tenant-limits.js';
import type { ZipkinReceiverConfig } from './config.js';
import { readProtobufSpans } from './protobuf-spans.js';
import { readJson, readSpans } from './read-spans.js';
import { toOtlpTraces } from './to-otlp.js';

/** Zipkin's POST /api/v2/spans in JSON and protobuf: 202 once all of it is on disk, 400 with the reason and nothing kept otherwise. */
export class ZipkinProtocol implements PushProtocol {
  readonly cost = 3;
  readonly #secrets = new SecretKeys();

  constructor(
    readonly config: ZipkinReceiverConfig,
    readonly context: ReceiverContext,
    readonly meter: ReceiverMeter,
  ) {}

  compression(request: IncomingMessage): Compression {
    const type = request.headers['content-type'];
    if (type !== undefined && !/^application\/json\b/i.test(type) && !isProtobuf(type)) throw new Refusal('unsupported', GrpcCode.INVALID_ARGUMENT, 415, `content-type '${type.slice(0, 80)}' is not supported: send spans of version 2 as application/json or application/x-protobuf`);
    const encoding = (request.headers['content-encoding'] ?? '').toLowerCase();
    if (encoding === '' || encoding === 'identity') return 'none';
    if (encoding === 'gzip' || encoding === 'deflate') return encoding;
    throw new Refusal('unsupported', GrpcCode.INVALID_ARGUMENT, 415, `content-encoding '${encoding.slice(0, 80)}' is not supported: send gzip, deflate or none`);
  }

  async accept(body: Buffer, tenant: string, request: IncomingMessage, share: TenantShare | null): Promise<PushAnswer> {
    const value: unknown = isProtobuf(request.headers['content-type']) ? readProtobufSpans(body) : readJson(body);
    const spans = readSpans(value, this.config.max_spans);
    if (spans.length === 0) return { status: 202 };
    const payload = encodeTraces(toOtlpTraces(spans));
    // Also finds ids of zeros alone, and overwrites secrets before they reach the disk.
    const { items, rejected } = scanRequest('traces', payload, { secrets: this.#secrets });
    if (rejected.length > 0) throw malformed(`a span cannot be taken: ${rejected[0]!.reason}`);
    await appendPush({ signal: 'traces', encoding: 'otlp', tenant, payload, items, rejected: [], reserved: true }, { intake: this.context.intake, meter: this.meter, share });
    return { status: 202 };
  }
}

function isProtobuf(contentType: string | undefined): boolean {
  return /^application\/(?:x-)?protobuf\b/i.test(contentType ?? '');
}
