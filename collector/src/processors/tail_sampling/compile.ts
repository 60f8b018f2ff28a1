import type { AnyValue } from '@signalbox/signals/model/attributes';
import { mistakeAt, type ConfigMistake } from '../../config/error.js';
import type { ConfigPlace } from '../../config/place.js';
import { compileAt } from '../../ottl/config-mistakes.js';
import { compilePattern, type Pattern } from '../../ottl/pattern.js';
import { compileCondition } from '../../ottl/statement.js';
import type { SpanConditions } from './conditions.js';
import { allOf, always, bytesLimit, composite, dropIf, inverted, latency, not, probabilistic, rateLimit, spanCount, met, type Policy } from './policies.js';
import type { PolicyConfig } from './schema.js';

const STATUS_NUMBERS = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/** Makes policies of their settings, and registers what they ask of spans. What has a mistake is left out, and the mistake is in the list. */
export function compilePolicies(configs: readonly PolicyConfig[], place: ConfigPlace, conditions: SpanConditions, mistakes: ConfigMistake[]): readonly Policy[] {
  const compiler = new Compiler(conditions, mistakes);
  return configs.map((config, i) => compiler.policy(config, place.child(i)));
}

class Compiler {
  constructor(private readonly conditions: SpanConditions, private readonly mistakes: ConfigMistake[]) {}

  policy(config: PolicyConfig, place: ConfigPlace): Policy {
    return { name: config.name, evaluate: this.#evaluator(config, place.child(config.type)) };
  }

  /** Settings of the type are there: the section was checked. */
  #evaluator(config: PolicyConfig, place: ConfigPlace): Policy['evaluate'] {
    const { conditions } = this;
    switch (config.type) {
      case 'always_sample':
        return always();
      case 'latency':
        return latency(config.latency!.threshold_ms, config.latency!.upper_threshold_ms);
      case 'numeric_attribute': {
        const { key, min_value: min, max_value: max, invert_match: invert } = config.numeric_attribute!;
        return match(conditions.attribute(key, (value) => typeof value === 'bigint' && value >= min && value <= max), invert);
      }
      case 'string_attribute': {
        const { key, invert_match: invert } = config.string_attribute!;
        return match(conditions.attribute(key, this.#stringTest(config.string_attribute!, place)), invert);
      }
      case 'boolean_attribute': {
        const { key, value: wanted, invert_match: invert } = config.boolean_attribute!;
        return match(conditions.attribute(key, (value) => value === wanted), invert);
      }
      case 'status_code':
        return met(conditions.status(config.status_code!.status_codes.map((name) => STATUS_NUMBERS[name])));
      case 'probabilistic':
        return probabilistic(config.probabilistic!.hash_salt, config.probabilistic!.sampling_percentage);
      case 'rate_limiting':
        return rateLimit(config.rate_limiting!.spans_per_second);
      case 'bytes_limiting':
        return bytesLimit(config.bytes_limiting!.bytes_per_second, config.bytes_limiting!.burst_capacity);
      case 'span_count':
        return spanCount(config.span_count!.min_spans, config.span_count!.max_spans);
      case 'trace_state':
        return met(conditions.traceState(config.trace_state!.key, config.trace_state!.values));
      case 'ottl_condition':
        return this.#ottl(config.ottl_condition!, place);
      case 'not':
        return not(this.policy(config.not!.not_sub_policy, place.child('not_sub_policy')));
      case 'and':
        return allOf(this.#list(config.and!.and_sub_policy, place.child('and_sub_policy')));
      case 'drop':
        return dropIf(this.#list(config.drop!.drop_sub_policy, place.child('drop_sub_policy')));
      case 'composite':
        return this.#composite(config.composite!, place);
    }
  }

  #list(configs: readonly PolicyConfig[], place: ConfigPlace): readonly Policy[] {
    return configs.map((config, i) => this.policy(config, place.child(i)));
  }

  #stringTest({ values, enabled_regex_matching: regex }: NonNullable<PolicyConfig['string_attribute']>, place: ConfigPlace): (value: AnyValue) => boolean {
    if (!regex) {
      const wanted = new Set(values);
      return (value) => typeof value === 'string' && value !== '' && wanted.has(value);
    }
    const patterns = values.flatMap((source, i) => this.#pattern(source, place.child('values').child(i)) ?? []);
    return (value) => typeof value === 'string' && value !== '' && patterns.some((pattern) => pattern.test(value));
  }

  #pattern(source: string, place: ConfigPlace): Pattern | null {
    try {
      return compilePattern(source);
    } catch (error) {
      this.mistakes.push(mistakeAt(place, 'SBX_CONFIG_BAD_VALUE', error instanceof Error ? error.message : String(error)));
      return null;
    }
  }

  #ottl({ span, spanevent, error_mode: mode }: NonNullable<PolicyConfig['ottl_condition']>, place: ConfigPlace): Policy['evaluate'] {
    const numbers = (['span', 'spanevent'] as const).flatMap((context) => {
      const sources = context === 'span' ? span : spanevent;
      const statements = sources.flatMap((source, i) => compileAt(place.child(context).child(i), this.mistakes, () => compileCondition(source, { context, prefixed: false })) ?? []);
      return sources.length === 0 ? [] : [this.conditions.statement({ context, mode, statements })];
    });
    if (numbers.length === 0) this.mistakes.push(mistakeAt(place, 'SBX_CONFIG_MISSING', "it needs conditions, below 'span' or 'spanevent'."));
    return (trace) => (numbers.some((number) => trace.met(number)) ? 'sampled' : 'not_sampled');
  }

  #composite({ composite_sub_policy: configs, policy_order: order, rate_allocation: rates, max_total_spans_per_second: max }: NonNullable<PolicyConfig['composite']>, place: ConfigPlace): Policy['evaluate'] {
    const policies = this.#list(configs, place.child('composite_sub_policy'));
    const ordered = order.length === 0 ? policies : order.flatMap((name) => policies.find((policy) => policy.name === name) ?? []);
    const share = (name: string): number => {
      const percent = rates.find(({ policy }) => policy === name)?.percent ?? 0;
      return percent > 0 ? (max * percent) / 100 : Math.floor(max / policies.length);
    };
    return composite(ordered.map((policy) => ({ policy, spansPerSecond: share(policy.name) })), max);
  }
}

function match(condition: number, invert: boolean): Policy['evaluate'] {
  return invert ? inverted(condition) : met(condition);
}
