import type { OTLPGRPCExporterConfigNode } from '@opentelemetry/otlp-grpc-exporter-base';
import type { OtlpTarget } from '../settings/otlp.js';
import type { Exporters } from './exporters.js';
import { metricsSerializer } from './metrics-serializer.js';

/**
 * OpenTelemetry's OTLP exporters for the protocol of each signal. They read headers, certificates, compression and
 * time-outs from OTEL_EXPORTER_OTLP_* themselves. Loaded as needed: an application that exports over gRPC loads
 * nothing for HTTP.
 */
export const otlpExporters: Exporters = {
  async traces(target) {
    if (target.protocol === 'grpc') {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
      return new OTLPTraceExporter(await grpcConfig(target));
    }
    const [{ OTLPExporterBase }, http, transformer] = await httpModules();
    const json = target.protocol === 'http/json';
    return new OTLPExporterBase(
      http.createOtlpHttpExportDelegate(
        http.convertLegacyHttpOptions(httpConfig(target), 'TRACES', 'v1/traces', contentType(json)),
        json ? transformer.JsonTraceSerializer : transformer.ProtobufTraceSerializer,
        'otlp_http_span_exporter',
        transformer.TraceExporterMetricsHelper,
        undefined,
      ),
    );
  },

  async logs(target) {
    if (target.protocol === 'grpc') {
      const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-grpc');
      return new OTLPLogExporter(await grpcConfig(target));
    }
    const [{ OTLPExporterBase }, http, transformer] = await httpModules();
    const json = target.protocol === 'http/json';
    return new OTLPExporterBase(
      http.createOtlpHttpExportDelegate(
        http.convertLegacyHttpOptions(httpConfig(target), 'LOGS', 'v1/logs', contentType(json)),
        json ? transformer.JsonLogsSerializer : transformer.ProtobufLogsSerializer,
        'otlp_http_log_exporter',
        transformer.LogsExporterMetricsHelper,
        undefined,
      ),
    );
  },

  // Not OpenTelemetry's class but its parts, since the serializer also writes what the application's prom-client has.
  async metrics(target) {
    const [{ OTLPExporterBase }, http, transformer] = await httpModules();
    const json = target.protocol === 'http/json';
    const serializer = metricsSerializer(json ? transformer.JsonMetricsSerializer : transformer.ProtobufMetricsSerializer, json ? 'json' : 'protobuf');
    if (target.protocol === 'grpc') {
      const grpc = await import('@opentelemetry/otlp-grpc-exporter-base');
      return new OTLPExporterBase(
        grpc.createOtlpGrpcExportDelegate(
          grpc.convertLegacyOtlpGrpcOptions(await grpcConfig(target), 'METRICS'),
          serializer,
          'otlp_grpc_metric_exporter',
          transformer.MetricsExporterMetricsHelper,
          undefined,
          'MetricsExportService',
          '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
        ),
      );
    }
    return new OTLPExporterBase(
      http.createOtlpHttpExportDelegate(
        http.convertLegacyHttpOptions(httpConfig(target), 'METRICS', 'v1/metrics', contentType(json)),
        serializer,
        'otlp_http_metric_exporter',
        transformer.MetricsExporterMetricsHelper,
        undefined,
      ),
    );
  },
};

async function httpModules() {
  return Promise.all([
    import('@opentelemetry/otlp-exporter-base'),
    import('@opentelemetry/otlp-exporter-base/node-http'),
    import('@opentelemetry/otlp-transformer'),
  ]);
}

function contentType(json: boolean): Record<string, string> {
  return { 'Content-Type': json ? 'application/json' : 'application/x-protobuf' };
}

function httpConfig(target: OtlpTarget): { url?: string; headers?: Record<string, string> } {
  return {
    ...(target.url === undefined ? {} : { url: target.url }),
    ...(target.authorization === undefined ? {} : { headers: { authorization: target.authorization } }),
  };
}

async function grpcConfig(target: OtlpTarget): Promise<OTLPGRPCExporterConfigNode> {
  const url = target.url === undefined ? {} : { url: target.url };
  if (target.authorization === undefined) return url;
  const { createEmptyMetadata } = await import('@opentelemetry/otlp-grpc-exporter-base');
  const metadata = createEmptyMetadata();
  metadata.set('authorization', target.authorization);
  return { ...url, metadata };
}
