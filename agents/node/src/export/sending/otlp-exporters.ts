import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpTarget } from '../../settings/otlp.js';
import { BATCH_ID_HEADER } from '../batch.js';
import type { CreateExporter, RequestExporter } from './exporters.js';

/** What differs between the exporters of the signals (opentelemetry-proto, collector services). */
const SIGNALS = {
  traces: { configuration: 'TRACES', path: 'v1/traces', service: 'TraceExportService', method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export' },
  logs: { configuration: 'LOGS', path: 'v1/logs', service: 'LogsExportService', method: '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
  metrics: { configuration: 'METRICS', path: 'v1/metrics', service: 'MetricsExportService', method: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export' },
} as const;

/** The exporters' metrics about themselves; they have no meter here. */
const NOT_METERED = { name: 'span', countItems: () => 1 } as const;

/**
 * OpenTelemetry's OTLP exporters, of their parts: the classes that are made of them take no header for each request,
 * and a batch's id is one. They read headers, certificates, compression and time-outs from OTEL_EXPORTER_OTLP_*
 * themselves. Loaded as needed: an application that exports over gRPC loads nothing for HTTP.
 */
export const otlpExporter: CreateExporter = (signal, target, batchId) => (target.protocol === 'grpc' ? grpcExporter(signal, target, batchId) : httpExporter(signal, target, batchId));

async function grpcExporter(signal: Signal, target: OtlpTarget, batchId: () => string): Promise<RequestExporter> {
  const [grpc, serializer] = await Promise.all([import('@opentelemetry/otlp-grpc-exporter-base'), protobufSerializer(signal)]);
  const { configuration, service, method } = SIGNALS[signal];
  const own = grpc.createEmptyMetadata();
  if (target.authorization !== undefined) own.set('authorization', target.authorization);
  const options = grpc.convertLegacyOtlpGrpcOptions({ ...(target.url === undefined ? {} : { url: target.url }), metadata: own }, configuration);
  // The transport asks once and sends the same metadata with each request; a call takes a copy when it starts.
  const metadata = options.metadata();
  const delegate = grpc.createOtlpGrpcExportDelegate({ ...options, metadata: () => metadata }, serializer, `otlp_grpc_${signal}_exporter`, NOT_METERED, undefined, service, method);
  return {
    export(request, done) {
      metadata.set(BATCH_ID_HEADER, batchId());
      delegate.export(request, done);
    },
  };
}

async function httpExporter(signal: Signal, target: OtlpTarget, batchId: () => string): Promise<RequestExporter> {
  const json = target.protocol === 'http/json';
  const [http, serializer] = await Promise.all([import('@opentelemetry/otlp-exporter-base/node-http'), json ? jsonSerializer(signal) : protobufSerializer(signal)]);
  const { configuration, path } = SIGNALS[signal];
  const own: Record<string, string> = target.authorization === undefined ? {} : { authorization: target.authorization };
  const options = http.convertLegacyHttpOptions(
    { ...(target.url === undefined ? {} : { url: target.url }), headers: async () => ({ ...own, [BATCH_ID_HEADER]: batchId() }) },
    configuration,
    path,
    { 'Content-Type': json ? 'application/json' : 'application/x-protobuf' },
  );
  return http.createOtlpHttpExportDelegate(options, serializer, `otlp_http_${signal}_exporter`, NOT_METERED, undefined);
}

/** Leaves requests as they are and reads the collector's answer. */
async function protobufSerializer(signal: Signal): Promise<ISerializer<Uint8Array, unknown>> {
  const { ProtobufLogsSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer');
  const official = { traces: ProtobufTraceSerializer, logs: ProtobufLogsSerializer, metrics: ProtobufMetricsSerializer }[signal];
  return { serializeRequest: (request) => request, deserializeResponse: (data) => official.deserializeResponse(data) };
}

/** Writes requests anew in JSON. */
async function jsonSerializer(signal: Signal): Promise<ISerializer<Uint8Array, unknown>> {
  const [toJson, { JsonTraceSerializer }] = await Promise.all([jsonWriter(signal), import('@opentelemetry/otlp-transformer')]);
  return {
    serializeRequest: (request) => Buffer.from(JSON.stringify(toJson(request))),
    // The answers of all signals have one shape, which is JSON as it is.
    deserializeResponse: (data) => JsonTraceSerializer.deserializeResponse(data),
  };
}

async function jsonWriter(signal: Signal): Promise<(request: Uint8Array) => object> {
  switch (signal) {
    case 'traces': {
      const [{ decodeTraces }, { tracesToJson }] = await Promise.all([import('@signalbox/signals/otlp/protobuf/traces'), import('@signalbox/signals/otlp/json/traces')]);
      return (request) => tracesToJson(decodeTraces(request));
    }
    case 'logs': {
      const [{ decodeLogs }, { logsToJson }] = await Promise.all([import('@signalbox/signals/otlp/protobuf/logs'), import('@signalbox/signals/otlp/json/logs')]);
      return (request) => logsToJson(decodeLogs(request));
    }
    case 'metrics': {
      const [{ decodeMetrics }, { metricsToJson }] = await Promise.all([import('@signalbox/signals/otlp/protobuf/metrics'), import('@signalbox/signals/otlp/json/metrics')]);
      return (request) => metricsToJson(decodeMetrics(request));
    }
  }
}
