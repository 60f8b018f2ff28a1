import { createHmac } from 'node:crypto';
import type { HttpClient, HttpResponse } from '../http/client.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, verdictOf } from '../http/verdict.js';
import { requestJson } from '../otlp/encode.js';
import { mergedData } from '../otlp/merge.js';
import type { OtlpAnswer, OtlpRequest, OtlpSender } from '../otlp/sender.js';

export interface WebhookSenderSettings {
  readonly url: URL;
  readonly secret: string | undefined;
  readonly nowMs: () => number;
}

/** One POST for each batch: `{ signal, tenant, batchId, data }`, of which `data` is OTLP/JSON. Any 2xx takes it. */
export class WebhookSender implements OtlpSender {
  constructor(private readonly client: HttpClient, private readonly settings: WebhookSenderSettings) {}

  async send({ batch, batchId }: OtlpRequest, signal: AbortSignal): Promise<OtlpAnswer> {
    const head = JSON.stringify({ signal: batch.signal, tenant: batch.tenant, batchId });
    const body = Buffer.from(`${head.slice(0, -1)},"data":${requestJson(mergedData(batch))}}`);
    const { secret, url, nowMs } = this.settings;
    const headers = {
      'content-type': 'application/json',
      'signalbox-batch-id': batchId,
      ...(secret === undefined ? {} : { 'signalbox-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }),
    };
    let response: HttpResponse;
    try {
      response = await this.client.post(url, headers, body, signal);
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'retry', cause: causeOf(error) };
      throw error;
    }
    const verdict = verdictOf(response, nowMs());
    return verdict.kind === 'accepted' ? { kind: 'accepted', rejected: 0, message: '' } : verdict;
  }

  close(): void {
    this.client.close();
  }
}
