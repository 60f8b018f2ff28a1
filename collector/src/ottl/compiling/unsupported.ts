const MAKES_POINTS = 'it makes data points that nobody has sent, for which the ledger has no place; the application, or a query, can make them';
const LAMBDA = 'there are no lambdas here';
const XML = 'XML is not read here';

/** Functions of the OpenTelemetry Collector that are not here, and why. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ...['copy_metric', 'extract_count_metric', 'extract_sum_metric', 'extract_percentile_metric', 'convert_summary_count_val_to_sum', 'convert_summary_sum_val_to_sum', 'convert_summary_quantile_val_to_gauge'].map((name) => [name, MAKES_POINTS] as const),
  ['convert_exponential_histogram_to_histogram', 'its buckets would be guessed; exporters and queries take exponential histograms as they are'],
  ...['All', 'Any', 'Filter', 'Find', 'MapEach', 'MapKeys', 'Reduce', 'When'].map((name) => [name, LAMBDA] as const),
  ...['ParseXML', 'ParseSimplifiedXML', 'GetXML', 'InsertXML', 'RemoveXML', 'ConvertAttributesToElementsXML', 'ConvertTextToElementsXML'].map((name) => [name, XML] as const),
  ['UserAgent', 'user agents are kept as they are'],
  ...['XXH3', 'XXH128'].map((name) => [name, 'other hashes are Murmur3Hash128, FNV and SHA256'] as const),
]);
