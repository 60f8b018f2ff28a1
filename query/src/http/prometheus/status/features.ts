import { AGGREGATORS } from '../../../promql/ast.js';
import { SIGNATURES } from '../../../promql/functions/signatures.js';
import type { ParseOptions } from '../../../promql/parsing/parse.js';

type Switches = Readonly<Record<string, boolean>>;

/** What stands beside the aggregations among the operators. */
const OPERATORS = ['!=', '!~', '%', '*', '+', '-', '/', '<', '</', '<=', '==', '=~', '>', '>/', '>=', '@', '^', 'and', 'atan2', 'or', 'unless'] as const;

const KEYWORDS = ['bool', 'by', 'group_left', 'group_right', 'ignoring', 'offset', 'on', 'without'] as const;
const EXTENDED = ['anchored', 'smoothed'] as const;
const FILLS = ['fill', 'fill_left', 'fill_right'] as const;
const EXPERIMENTAL_AGGREGATIONS: readonly string[] = ['limitk', 'limit_ratio'];

/** `features`: which of a Prometheus' abilities there are, under its names. */
export function features({ experimentalFunctions = true, extendedRangeSelectors = true, fillModifiers = true }: ParseOptions = {}): Readonly<Record<string, Switches>> {
  return {
    api: {
      ...on('exclude_alerts', 'label_values_match', 'otlp_write_receiver', 'query_stats', 'query_warnings', 'remote_write_receiver', 'time_range_labels', 'time_range_series'),
      ...off('admin', 'lifecycle', 'openapi_3.1', 'openapi_3.2', 'search', 'search_fuzz_alg_jarowinkler', 'search_fuzz_alg_subsequence'),
    },
    otlp_receiver: { ...on('delta_conversion'), ...off('native_delta_ingestion') },
    prometheus: { ...on('server_mode'), ...off('agent_mode', 'auto_reload_config') },
    promql: {
      ...on(...KEYWORDS), ...all(EXTENDED, extendedRangeSelectors), ...all(FILLS, fillModifiers),
      ...on('at_modifier', 'delayed_name_removal', 'duration_expr', 'negative_offset', 'per_query_lookback_delta', 'per_step_stats', 'subqueries'), ...off('type_and_unit_labels'),
    },
    promql_functions: Object.fromEntries([...SIGNATURES].map(([name, { experimental }]) => [name, experimentalFunctions || !experimental])),
    promql_operators: { ...on(...OPERATORS, ...AGGREGATORS), ...all(EXPERIMENTAL_AGGREGATIONS, experimentalFunctions) },
    rules: off('concurrent_rule_eval', 'keep_firing_for', 'query_offset'),
    scrape: off('extra_scrape_metrics', 'openmetrics2', 'start_timestamp_zero_ingestion', 'type_and_unit_labels'),
    service_discovery_providers: on('file', 'static'),
    tsdb: {
      ...on('exemplar_storage', 'metadata_wal_records', 'native_histograms'), ...off('delayed_compaction', 'histograms_st_encoding', 'isolation', 'st_storage', 'use_uncached_io', 'xor2_encoding'),
    },
    ui: off('ui_v2', 'ui_v3'),
  };
}

function on(...names: readonly string[]): Switches {
  return all(names, true);
}

function off(...names: readonly string[]): Switches {
  return all(names, false);
}

function all(names: readonly string[], is: boolean): Switches {
  return Object.fromEntries(names.map((name) => [name, is]));
}
