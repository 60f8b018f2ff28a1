/**
 * Metrics as they stand in Prometheus after the translation of OpenTelemetry's semantic conventions (HTTP and database
 * spans' metrics, stable): units in the name, `job` is the service.
 */
const serverDuration = 'http_server_request_duration_seconds';
const clientDuration = 'http_client_request_duration_seconds';
const databaseDuration = 'db_client_operation_duration_seconds';

const ofServices = 'job=~"$service"';
const failed = `${ofServices}, http_response_status_code=~"5.."`;

/** Lists the services that have answered at least one request. */
export const servicesQuery = `label_values(${serverDuration}_count, job)`;

const perSecond = (metric: string, by: string, matchers: string): string => `sum${by} (rate(${metric}{${matchers}}[$__rate_interval]))`;

/** Requests a second; `by` is a grouping such as ` by (job)`, or empty for one number. */
export function requestRate(by: string): string {
  return perSecond(`${serverDuration}_count`, by, ofServices);
}

/** Share of requests answered with a status of 500 and above, 0 to 1; 0 where none failed. */
export function errorShare(by: string): string {
  const all = requestRate(by);
  return `(${perSecond(`${serverDuration}_count`, by, failed)} or ${all} * 0) / ${all}`;
}

/** A quantile of the time to answer, in seconds; `by` lists labels, such as `job`. */
export function serverQuantile(quantile: number, ...by: readonly string[]): string {
  return histogramQuantile(quantile, serverDuration, ofServices, by);
}

/** A quantile of the time that other servers take to answer, in seconds. */
export function clientQuantile(quantile: number, ...by: readonly string[]): string {
  return histogramQuantile(quantile, clientDuration, ofServices, by);
}

/** A quantile of the time that database operations take, in seconds. */
export function databaseQuantile(quantile: number, ...by: readonly string[]): string {
  return histogramQuantile(quantile, databaseDuration, ofServices, by);
}

function histogramQuantile(quantile: number, metric: string, matchers: string, by: readonly string[]): string {
  return `histogram_quantile(${quantile}, ${perSecond(`${metric}_bucket`, ` by (${['le', ...by].join(', ')})`, matchers)})`;
}
