import { Buffer } from 'node:buffer';
import { STREAM_LABELS_ATTRIBUTE } from '@signalbox/signals/loki/named-labels';
import type { Batch, ComponentContext, Exporter } from '../../component.js';
import { HttpClient } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { OtlpExporter } from '../otlp/exporter.js';
import { OtlpHttpSender } from '../otlp/http-sender.js';
import type { OtlpAnswer, OtlpRequest, OtlpSender } from '../otlp/sender.js';
import { wireOf } from '../otlp/request-bytes.js';
import { isInResources, itemsOfWire, withoutResourceAttribute } from '../otlp/wire-cut.js';
import { pushUrl, type LokiConfig } from './config.js';
import { isStreamLimit, isTooLarge, TOO_LARGE } from './limits.js';
import { refusalReason } from './refusal.js';
import { RequestLimit } from './request-limit.js';

/** Log records to Loki's OTLP endpoint, which makes of resource attributes what Loki's configuration says. */
export function lokiOtlpExporter(config: LokiConfig, context: ComponentContext): Exporter {
  const url = pushUrl(config);
  const client = new HttpClient(httpClientSettings(config, 'gzip', context.clock));
  const nowMs = (): number => Number(context.clock.nowNs() / 1_000_000n);
  const sender = new OtlpHttpSender(client, { urls: { traces: url, logs: url, metrics: url }, encoding: 'proto', nowMs, change: withoutNamedLabels });
  return new OtlpExporter(new LokiOtlpSender(sender), context, true);
}

/**
 * Gives refusals the words that Loki's push has for them, so that both ways are counted alike. What is known to be too large is refused
 * here, so that it is divided without being sent.
 */
class LokiOtlpSender implements OtlpSender {
  private readonly limit = new RequestLimit();

  constructor(private readonly sender: OtlpSender) {}

  async send(request: OtlpRequest, signal: AbortSignal): Promise<OtlpAnswer> {
    const { batch } = request;
    if (batch.items > 1 && !this.limit.isUnknown && this.limit.refuses(wireBytes(batch))) return { kind: 'refused', reason: refusalReason(TOO_LARGE) };
    const answer = await this.sender.send(request, signal);
    if (answer.kind === 'accepted') return answer;
    const reason = answer.kind === 'retry' ? answer.cause.reason : answer.reason;
    if (isTooLarge(reason)) this.limit.refused(wireBytes(batch), reason);
    return answer.kind === 'refused' || isStreamLimit(reason) || isTooLarge(reason) ? { kind: 'refused', reason: refusalReason(reason) } : answer;
  }

  close(): void {
    this.sender.close();
  }
}

/** Of what a request brings, before compression. */
function wireBytes({ parts }: Batch): number {
  return parts.reduce((sum, part) => sum + (part.wireItems ? itemsOfWire('logs', wireOf(part), part.wireItems) : wireOf(part)).length, 0);
}

const NAMED_LABELS = Buffer.from(STREAM_LABELS_ATTRIBUTE, 'utf8');

/** Which labels a pushed stream had is for those alone who make the labels themselves. */
export function withoutNamedLabels(wire: Uint8Array): Uint8Array {
  return isInResources(wire, NAMED_LABELS) ? withoutResourceAttribute(wire, NAMED_LABELS) : wire;
}
