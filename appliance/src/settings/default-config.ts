/** Runs when no file is given: everything in, everything kept in the embedded store. */
export const DEFAULT_CONFIG = {
  file: '(built-in default)',
  text: `receivers:
  otlp:
    protocols:
      grpc: {}
      http: {}
exporters:
  store: {}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [store] }
    logs: { receivers: [otlp], exporters: [store] }
    metrics: { receivers: [otlp], exporters: [store] }
`,
} as const;
