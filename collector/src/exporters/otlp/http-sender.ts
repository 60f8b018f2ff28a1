import type { Signal } from '@signalbox/signals/model/signal';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeStatus } from '@signalbox/signals/otlp/response';
import type { Batch } from '../../component.js';
import type { HttpClient, HttpResponse } from '../http/client.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, oneLine, verdictOf } from '../http/verdict.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { requestJson } from './encode.js';
import { partialSuccess } from './grpc-sender.js';
import { mergedData } from './merge.js';
import { joined, joinedIn, wiresOf, type WireChange } from './request-bytes.js';
import { Scratch } from '../scratch.js';
import type { OtlpAnswer, OtlpRequest, OtlpSender } from './sender.js';

export interface OtlpHttpSenderSettings {
  readonly urls: Readonly<Record<Signal, URL>>;
  readonly encoding: 'proto' | 'json';
  readonly nowMs: () => number;
  /** Of protobuf. */
  readonly change?: WireChange;
}

/** OTLP over HTTP, in protobuf or JSON. */
export class OtlpHttpSender implements OtlpSender {
  private readonly scratch = new Scratch();

  constructor(private readonly client: HttpClient, private readonly settings: OtlpHttpSenderSettings) {}

  async send({ batch, batchId }: OtlpRequest, signal: AbortSignal): Promise<OtlpAnswer> {
    const { encoding, urls, nowMs } = this.settings;
    const { tenant } = batch;
    const json = encoding === 'json';
    const packed = json ? await this.client.packed(Buffer.from(requestJson(mergedData(batch)))) : await this.packedWire(batch);
    const headers = {
      ...packed.headers,
      'content-type': json ? 'application/json' : 'application/x-protobuf',
      ...(tenant === DEFAULT_TENANT ? {} : { 'x-scope-orgid': tenant }),
      'signalbox-batch-id': batchId,
    };
    let response: HttpResponse;
    try {
      response = await this.client.post(urls[batch.signal], headers, packed.body, signal);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'retry', cause: causeOf(error) };
      throw error;
    }
    const verdict = verdictOf({ ...response, body: readableBody(response) }, nowMs());
    if (verdict.kind !== 'accepted') return verdict;
    return isProtobuf(response) ? partialSuccess(response.body) : partialSuccessOfJson(response.body);
  }

  close(): void {
    this.client.close();
  }

  private async packedWire({ signal, parts }: Batch): ReturnType<HttpClient['packed']> {
    const wires = wiresOf(signal, parts, this.settings.change);
    if (!this.client.compresses || wires.length === 1) return this.client.packed(joined(wires));
    const { piece, bytes } = joinedIn(this.scratch, wires);
    try {
      return await this.client.packed(bytes);
    } finally {
      this.scratch.give(piece);
    }
  }
}

/** An error's body is a google.rpc.Status; its message is what people can read. */
function readableBody(response: HttpResponse): Buffer {
  if (!isProtobuf(response) || response.status < 300) return response.body;
  try {
    return Buffer.from(decodeStatus(response.body).message);
  } catch (error) {
    if (error instanceof OtlpError) return Buffer.alloc(0);
    throw error;
  }
}

function isProtobuf(response: HttpResponse): boolean {
  return (response.headers['content-type'] ?? '').startsWith('application/x-protobuf');
}

function partialSuccessOfJson(body: Buffer): OtlpAnswer {
  let partial: unknown;
  try {
    partial = (JSON.parse(body.toString('utf8') || '{}') as { partialSuccess?: unknown } | null)?.partialSuccess;
  } catch {
    return { kind: 'accepted', rejected: 0, message: '' };
  }
  if (typeof partial !== 'object' || partial === null) return { kind: 'accepted', rejected: 0, message: '' };
  const fields = new Map<string, unknown>(Object.entries(partial));
  const rejected = Number(fields.get('rejectedSpans') ?? fields.get('rejectedLogRecords') ?? fields.get('rejectedDataPoints') ?? 0);
  return { kind: 'accepted', rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, message: oneLine(String(fields.get('errorMessage') ?? '')) };
}
