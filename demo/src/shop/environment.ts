/** How often metrics are sent, so that the dashboard fills soon. */
const METRIC_INTERVAL_MS = 5_000;

/** What tells the agent in a service whom it speaks for, and where to. */
export function telemetryEnv(service: string, otlpUrl: string): NodeJS.ProcessEnv {
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.4.2,service.namespace=shop,deployment.environment.name=demo',
    OTEL_METRIC_EXPORT_INTERVAL: String(METRIC_INTERVAL_MS),
    // Four services would say the same in four lines.
    SIGNALBOX_AGENT_QUIET: 'true',
  };
}
