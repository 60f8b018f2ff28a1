const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

const severityNumbers = SEVERITIES.flatMap((name, i) => Array.from({ length: 4 }, (_, j) => [`SEVERITY_NUMBER_${name}${j === 0 ? '' : j + 1}`, i * 4 + j + 1] as const));

const numbered = (names: readonly string[]): readonly (readonly [string, number])[] => names.map((name, i) => [name, i] as const);

/** Names of numbers, as the protocol and OTTL have them. */
export const ENUMS: ReadonlyMap<string, bigint> = new Map(
  [
    ...numbered(['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER']),
    ...numbered(['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']),
    ['SEVERITY_NUMBER_UNSPECIFIED', 0] as const,
    ...severityNumbers,
    ...numbered(['METRIC_DATA_TYPE_NONE', 'METRIC_DATA_TYPE_GAUGE', 'METRIC_DATA_TYPE_SUM', 'METRIC_DATA_TYPE_HISTOGRAM', 'METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM', 'METRIC_DATA_TYPE_SUMMARY']),
    ...numbered(['AGGREGATION_TEMPORALITY_UNSPECIFIED', 'AGGREGATION_TEMPORALITY_DELTA', 'AGGREGATION_TEMPORALITY_CUMULATIVE']),
    ...numbered(['FLAG_NONE', 'FLAG_NO_RECORDED_VALUE']),
  ].map(([name, value]) => [name, BigInt(value)] as const),
);
