import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { withoutEffect } from '../../config/foreign.js';
import { ERROR_MODES } from '../../ottl/error-mode.js';

const key = z.string().min(1);
const invert = z.boolean().default(false);
const STATUS = z.enum(['OK', 'ERROR', 'UNSET']);

/** Settings of the policies that look at a trace by themselves, by type. */
const SETTINGS = {
  latency: z.strictObject({ threshold_ms: z.int().min(0), upper_threshold_ms: z.int().min(0).default(0) }),
  numeric_attribute: z.strictObject({ key, min_value: z.number().default(Number.MIN_SAFE_INTEGER), max_value: z.number().default(Number.MAX_SAFE_INTEGER), invert_match: invert }),
  string_attribute: z.strictObject({ key, values: z.array(z.string()).min(1), enabled_regex_matching: z.boolean().default(false), cache_max_size: z.int().min(0).optional(), invert_match: invert }),
  boolean_attribute: z.strictObject({ key, value: z.boolean(), invert_match: invert }),
  status_code: z.strictObject({ status_codes: z.array(STATUS).min(1) }),
  probabilistic: z.strictObject({ hash_salt: z.string().default(''), sampling_percentage: z.number().min(0) }),
  rate_limiting: z.strictObject({ spans_per_second: z.int().min(1) }),
  bytes_limiting: z.strictObject({ bytes_per_second: z.int().min(1), burst_capacity: z.int().min(0).default(0) }),
  span_count: z.strictObject({ min_spans: z.int().min(0).default(0), max_spans: z.int().min(0).default(0) }),
  trace_state: z.strictObject({ key, values: z.array(z.string()).min(1) }),
  ottl_condition: z.strictObject({ error_mode: z.enum(ERROR_MODES).default('propagate'), span: z.array(z.string()).default([]), spanevent: z.array(z.string()).default([]) }),
} as const;

const LEAF_TYPES = ['always_sample', 'latency', 'numeric_attribute', 'string_attribute', 'boolean_attribute', 'status_code', 'probabilistic', 'rate_limiting', 'bytes_limiting', 'span_count', 'trace_state', 'ottl_condition'] as const;

const leafShape = {
  name: z.string().min(1),
  always_sample: z.strictObject({}).optional(),
  latency: SETTINGS.latency.optional(),
  numeric_attribute: SETTINGS.numeric_attribute.optional(),
  string_attribute: SETTINGS.string_attribute.optional(),
  boolean_attribute: SETTINGS.boolean_attribute.optional(),
  status_code: SETTINGS.status_code.optional(),
  probabilistic: SETTINGS.probabilistic.optional(),
  rate_limiting: SETTINGS.rate_limiting.optional(),
  bytes_limiting: SETTINGS.bytes_limiting.optional(),
  span_count: SETTINGS.span_count.optional(),
  trace_state: SETTINGS.trace_state.optional(),
  ottl_condition: SETTINGS.ottl_condition.optional(),
};

const leaf = z.strictObject({ ...leafShape, type: z.enum(LEAF_TYPES) });
const not = z.strictObject({ not_sub_policy: leaf });
/** What may stand inside `and`, `drop` and `composite`. */
const inner = z.strictObject({ ...leafShape, type: z.enum([...LEAF_TYPES, 'not']), not: not.optional() });
const and = z.strictObject({ and_sub_policy: z.array(inner).min(1) });
const inComposite = z.strictObject({ ...leafShape, type: z.enum([...LEAF_TYPES, 'not', 'and']), not: not.optional(), and: and.optional() });
const composite = z.strictObject({
  max_total_spans_per_second: z.int().min(1),
  policy_order: z.array(z.string()).default([]),
  composite_sub_policy: z.array(inComposite).min(1),
  rate_allocation: z.array(z.strictObject({ policy: z.string(), percent: z.number().min(0).max(100) })).default([]),
});
const policy = z.strictObject({
  ...leafShape,
  type: z.enum([...LEAF_TYPES, 'not', 'and', 'drop', 'composite']),
  not: not.optional(),
  and: and.optional(),
  drop: z.strictObject({ drop_sub_policy: z.array(inner).min(1) }).optional(),
  composite: composite.optional(),
});

export const tailSamplingSchema = z.strictObject({
  decision_wait: duration({ minMs: 1 }).default(30_000).describe("From a trace's first span to its decision."),
  num_traces: z.int().min(1).default(50_000).describe('Undecided traces at most; beyond that the oldest is decided early, which is counted.'),
  expected_new_traces_per_sec: withoutEffect('memory grows with the traces that there are.'),
  block_on_overflow: withoutEffect('spans wait in the journal; num_traces says when the oldest trace is decided early.'),
  decision_wait_after_root_received: withoutEffect('a trace is decided decision_wait after its first span.'),
  maximum_trace_size_bytes: withoutEffect('spans wait in the journal, not in memory.'),
  drop_pending_traces_on_shutdown: withoutEffect('undecided traces are decided after the start that follows.'),
  decision_cache: z
    .strictObject({
      sampled_cache_size: z.int().min(0).default(0).describe('Sampled traces that are remembered for late spans. 0: as many as `num_traces`.'),
      non_sampled_cache_size: z.int().min(0).default(0).describe('The same for traces that were not sampled.'),
    })
    .prefault({}),
  sample_on_first_match: z.boolean().default(false).describe('The first policy that wants a trace settles it, and those behind it are not asked.'),
  policies: z.array(policy).min(1).describe('What is asked about each trace: see below.'),
});

export type TailSamplingConfig = z.output<typeof tailSamplingSchema>;
/** A policy anywhere; those further in have fewer types. */
export type PolicyConfig = TailSamplingConfig['policies'][number];
