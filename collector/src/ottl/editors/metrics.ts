import { define, type FunctionDefinition } from '../compiling/function-definition.js';

const TEMPORALITIES: Readonly<Record<string, number>> = { delta: 1, cumulative: 2 };

/** Of metrics that are no sums nothing is changed. */
const convert_sum_to_gauge = define('convert_sum_to_gauge', {}, 'nil', () => ({ metric }) => {
  const { values } = metric.current;
  if (values.type === 'sum') metric.write().values = { type: 'gauge', dataPoints: values.dataPoints };
  return null;
}, 'metric');

/** Of metrics that are no gauges nothing is changed. */
const convert_gauge_to_sum = define('convert_gauge_to_sum', { aggregation_temporality: 'word', is_monotonic: 'flag' }, 'nil', (args) => {
  const named = args.word('aggregation_temporality', '');
  const temporality = TEMPORALITIES[named];
  if (temporality === undefined) throw new Error(`the aggregation temporality is cumulative or delta, not '${named}'`);
  const monotonic = args.flag('is_monotonic', false);
  return ({ metric }) => {
    const { values } = metric.current;
    if (values.type === 'gauge') metric.write().values = { type: 'sum', dataPoints: values.dataPoints, temporality, monotonic };
    return null;
  };
}, 'metric');

export const metricEditors: readonly FunctionDefinition[] = [convert_sum_to_gauge, convert_gauge_to_sum];
