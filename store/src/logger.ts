/** Where the store writes what people read; the collector's Logger fits. */
export interface StoreLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Self-metrics; the collector's Metrics fits. */
export interface StoreMetrics {
  count(name: string, labels: Readonly<Record<string, string>>, by: number): void;
  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void;
}
