import type { ExporterFactory } from '../../component.js';
import { Authorization } from '../http/authorization.js';
import { HttpClient } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { grpcUrl, httpUrls, parseOtlpConfig, parseOtlpHttpConfig, type OtlpConfig, type OtlpHttpConfig } from './config.js';
import { OtlpExporter } from './exporter.js';
import { GrpcChannel } from './grpc-channel.js';
import { OtlpGrpcSender } from './grpc-sender.js';
import { OtlpHttpSender } from './http-sender.js';

/** Everything to another collector or backend, over gRPC. */
export const otlp: ExporterFactory<OtlpConfig> = {
  type: 'otlp',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseOtlpConfig,
  create: (config, context) => {
    const channel = new GrpcChannel({ url: grpcUrl(config), tls: config.tls, maxResponseBytes: config.max_response_bytes, monotonicMs: () => context.clock.monotonicMs() });
    return new OtlpExporter(new OtlpGrpcSender(channel, config.headers, new Authorization(config.auth), config.compression), context, true);
  },
};

/** Everything to another collector or backend, over HTTP. */
export const otlphttp: ExporterFactory<OtlpHttpConfig> = {
  type: 'otlphttp',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseOtlpHttpConfig,
  create: (config, context) => {
    const client = new HttpClient(httpClientSettings(config, config.compression, context.clock));
    const nowMs = (): number => Number(context.clock.nowNs() / 1_000_000n);
    return new OtlpExporter(new OtlpHttpSender(client, { urls: httpUrls(config), encoding: config.encoding, nowMs }), context, config.encoding === 'proto');
  },
};
