import type { IncomingMessage } from 'node:http';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import type { ReceiverContext } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import { GrpcCode } from '../requests/grpc-code.js';
import { malformed, Refusal } from '../requests/refusal.js';
import { appendPush } from '../push/append.js';
import type { Compression, PushAnswer, PushProtocol } from '../push/exchange.js';
import type { TenantShare } from '../requests/tenant-limits.js';
import type { LokiReceiverConfig } from './config.js';
import { readJsonPush } from './json-push.js';
import { readProtobufPush } from './protobuf-push.js';
import type { PushedStream } from './push.js';
import { withService } from './service-label.js';
import { StreamLabelsError } from './stream-labels.js';
import { streamProblem } from './stream-limits.js';
import { toOtlpLogs } from './to-otlp.js';

/**
 * Loki's push: 204 once all of it is on disk. A stream beyond a limit is answered with 400 and the first reason, once the others are
 * on disk, as Loki does; of a body that cannot be read nothing is kept.
 */
export class LokiPushProtocol implements PushProtocol {
  readonly cost = 3;
  readonly #secrets = new SecretKeys();

  constructor(
    readonly config: LokiReceiverConfig,
    readonly context: ReceiverContext,
    readonly meter: ReceiverMeter,
  ) {}

  compression(request: IncomingMessage): Compression {
    const encoding = (request.headers['content-encoding'] ?? '').toLowerCase();
    if (!isJson(request)) {
      if (encoding === '' || encoding === 'snappy') return 'snappy';
    } else if (encoding === '') return 'none';
    else if (encoding === 'gzip' || encoding === 'deflate' || encoding === 'snappy') return encoding;
    throw new Refusal('unsupported', GrpcCode.INVALID_ARGUMENT, 400, `Content-Encoding ${JSON.stringify(encoding.slice(0, 100))} not supported`);
  }

  async accept(body: Buffer, tenant: string, request: IncomingMessage, share: TenantShare | null): Promise<PushAnswer> {
    const pushed = this.#read(body, isJson(request)).filter(({ entries }) => entries.length > 0).map(({ labels, entries }) => ({ labels: withService(labels), entries }));
    const items = countEntries(pushed);
    if (items > this.config.max_entries) throw malformed(`${items} entries in one push, the limit is ${this.config.max_entries} (setting: max_entries)`);
    const problems: string[] = [];
    const streams = pushed.filter(({ labels }) => {
      const problem = streamProblem(labels, this.config);
      if (problem !== null) problems.push(problem);
      return problem === null;
    });
    const kept = countEntries(streams);
    if (kept > 0) await this.#append(streams, kept, tenant, share);
    this.meter.refused('logs', items - kept);
    if (problems[0] !== undefined) throw malformed(problems[0]);
    return { status: 204 };
  }

  async #append(streams: readonly PushedStream[], items: number, tenant: string, share: TenantShare | null): Promise<void> {
    const payload = encodeLogs(toOtlpLogs(streams, this.context.clock.nowNs()));
    // Secrets are overwritten before they reach the disk.
    scanRequest('logs', payload, { secrets: this.#secrets });
    await appendPush({ signal: 'logs', encoding: 'otlp', tenant, payload, items, rejected: [], reserved: true }, { intake: this.context.intake, meter: this.meter, share });
  }

  #read(body: Buffer, json: boolean): PushedStream[] {
    try {
      return json ? readJsonPush(body) : readProtobufPush(body);
    } catch (error) {
      throw error instanceof StreamLabelsError ? malformed(error.message) : error;
    }
  }
}

function isJson(request: IncomingMessage): boolean {
  return /^application\/json\b/i.test(request.headers['content-type'] ?? '');
}

function countEntries(streams: readonly PushedStream[]): number {
  return streams.reduce((sum, { entries }) => sum + entries.length, 0);
}
