/** Runs when no file is given: OTLP on ports of its own, remote write and Loki's push on the query port; everything kept in the embedded store. */
export const DEFAULT_CONFIG = {
  file: '(built-in default)',
  text: `receivers:
  otlp:
    protocols:
      grpc: {}
      http: {}
  prometheusremotewrite: {}
  loki: {}
exporters:
  store: {}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [store] }
    logs: { receivers: [otlp, loki], exporters: [store] }
    metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] }
`,
} as const;
