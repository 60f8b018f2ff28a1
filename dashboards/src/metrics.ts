/**
 * Metrics as they stand in Prometheus after the translation of OpenTelemetry's semantic conventions (HTTP, RPC and
 * database metrics): units in the name, `job` is the service.
 */
const httpServerDuration = 'http_server_request_duration_seconds';
const rpcServerDuration = 'rpc_server_call_duration_seconds';
const clientDuration = 'http_client_request_duration_seconds';
const databaseDuration = 'db_client_operation_duration_seconds';

const ofServices = 'job=~"$service"';

/** A request is an HTTP request or an RPC; their series never have all labels in common. */
const served = (suffix: string): string => `__name__=~"(${httpServerDuration}|${rpcServerDuration})_${suffix}"`;
const rate = (matchers: string): string => `rate({${matchers}}[$__rate_interval])`;

/** Lists the services that have answered at least one request. */
export const servicesQuery = `label_values({${served('count')}}, job)`;

/** Labels of routes, which `ofRoutes` fills for RPCs too. */
export const routeLabels = ['job', 'http_request_method', 'http_route'] as const;

/** RPCs are routes like those of HTTP: the method is `RPC`, the route what is called. */
function ofRoutes(rates: string): string {
  return `label_replace(label_replace(${rates}, "http_route", "$1", "rpc_method", "(.+)"), "http_request_method", "RPC", "rpc_method", ".+")`;
}

const byRoute = (by: string, rates: string): string => (by.includes('http_route') ? ofRoutes(rates) : rates);

/** Requests a second; `by` is a grouping such as ` by (job)`, or empty for one number. */
export function requestRate(by: string): string {
  return `sum${by} (${byRoute(by, rate(`${served('count')}, ${ofServices}`))})`;
}

/** Share of requests that failed by the server's fault (a status of 500 and above; RPCs with an error of the server), 0 to 1; 0 where none did. */
export function errorShare(by: string): string {
  const all = requestRate(by);
  const failed = `(${rate(`__name__="${httpServerDuration}_count", ${ofServices}, http_response_status_code=~"5.."`)} or ${rate(`__name__="${rpcServerDuration}_count", ${ofServices}, error_type!=""`)})`;
  return `(sum${by} (${byRoute(by, failed)}) or ${all} * 0) / ${all}`;
}

/** A quantile of the time to answer, in seconds; `by` lists labels, such as `job`. */
export function serverQuantile(quantile: number, ...by: readonly string[]): string {
  const grouping = ` by (${['le', ...by].join(', ')})`;
  return `histogram_quantile(${quantile}, sum${grouping} (${byRoute(grouping, rate(`${served('bucket')}, ${ofServices}`))}))`;
}

/** A quantile of the time that other servers take to answer, in seconds. */
export function clientQuantile(quantile: number, ...by: readonly string[]): string {
  return callQuantile(quantile, clientDuration, by);
}

/** A quantile of the time that database operations take, in seconds. */
export function databaseQuantile(quantile: number, ...by: readonly string[]): string {
  return callQuantile(quantile, databaseDuration, by);
}

function callQuantile(quantile: number, metric: string, by: readonly string[]): string {
  return `histogram_quantile(${quantile}, sum by (${['le', ...by].join(', ')}) (rate(${metric}_bucket{${ofServices}}[$__rate_interval])))`;
}
