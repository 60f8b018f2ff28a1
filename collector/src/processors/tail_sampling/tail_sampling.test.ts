import assert from 'node:assert/strict';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Span } from '@signalbox/signals/model/span';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Frame } from '@signalbox/journal/frame';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { partOf, testContext } from '../../exporters/testing/context.js';
import { span } from '../../receivers/otlp/fixture.test.js';
import { TraceFacts } from '../../sampling/trace-facts.js';
import type { TraceDecision, TraceLookup } from '../../sampling/trace-sampler.js';
import { parseTailSamplingConfig } from './config.js';
import { TailSampler } from './sampler.js';

const place = detachedPlace('(test)', ['processors', 'tail_sampling']);
const samplerOf = (policies: readonly unknown[], more: object = {}): TailSampler => new TailSampler(parseTailSamplingConfig({ policies, ...more }, place), testContext({ id: 'tail_sampling' }));

class Traces implements TraceLookup {
  readonly all = new Map<string, TraceFacts>();

  byBytes(bytes: Buffer, at: number): TraceFacts {
    return this.byHex(bytes.toString('hex', at, at + 16));
  }

  byHex(id: string): TraceFacts {
    let trace = this.all.get(id);
    if (!trace) this.all.set(id, (trace = new TraceFacts('default', Buffer.from(id, 'hex').toString('latin1'), 0, 0)));
    return trace;
  }
}

function dataOf(spans: readonly Span[], resource: Attributes = []) {
  return { resourceSpans: [{ resource: { attributes: resource, droppedAttributesCount: 0 }, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }] }] };
}

/** Gathers the facts on the wire and from the model, which must agree, and answers those. */
function observed(sampler: TailSampler, spans: readonly Span[], resource: Attributes = []): Map<string, TraceFacts> {
  const data = dataOf(spans, resource);
  const [wire, model] = [new Traces(), new Traces()];
  sampler.observeModel(partOf(data, 0), model);
  if (sampler.needsModel) return model.all;
  sampler.observe({ payload: Buffer.from(encodeTraces(data)), rejected: [] as readonly number[], items: spans.length } as Frame, wire);
  const facts = (traces: Traces): unknown => [...traces.all].map(([id, trace]) => [id, trace.spans, trace.durationMs, Array.from({ length: 64 }, (_, i) => trace.met(i))]);
  assert.deepEqual(facts(wire), facts(model));
  return wire.all;
}

const decided = (sampler: TailSampler, spans: readonly Span[], resource: Attributes = [], nowMs = 0): TraceDecision => sampler.decide([...observed(sampler, spans, resource).values()][0]!, nowMs);
const kept = (policy: object, spans: readonly Span[], resource: Attributes = []): boolean => decided(samplerOf([{ name: 'p', ...policy }]), spans, resource).sampled;

const S = 1_000_000_000n;
const during = (startMs: number, endMs: number): Span => span(0, { startNs: 1_700_000_000n * S + BigInt(startMs) * 1_000_000n, endNs: 1_700_000_000n * S + BigInt(endMs) * 1_000_000n });
const withAttribute = (key: string, value: Attributes[number]['value']): Span => span(0, { attributes: [{ key: 'other', value: 'x' }, { key, value }] });

describe('processors/tail_sampling', () => {
  it('measures latency from the earliest start to the latest end', () => {
    const policy = { type: 'latency', latency: { threshold_ms: 1000 } };
    assert.equal(kept(policy, [during(0, 400), during(700, 1001)]), true);
    assert.equal(kept(policy, [during(0, 400), during(700, 1000)]), false);
    assert.equal(kept({ type: 'latency', latency: { threshold_ms: 1000, upper_threshold_ms: 2000 } }, [during(0, 1000)]), false);
    assert.equal(kept({ type: 'latency', latency: { threshold_ms: 1000, upper_threshold_ms: 2000 } }, [during(0, 2000)]), true);
    assert.equal(kept({ type: 'latency', latency: { threshold_ms: 1000, upper_threshold_ms: 2000 } }, [during(0, 2001)]), false);
  });

  it('looks for status codes, span counts and tracestates', () => {
    const failed = span(0, { status: { code: 2, message: '' } });
    const unset = span(0, { status: { code: 0, message: '' } });
    assert.equal(kept({ type: 'status_code', status_code: { status_codes: ['ERROR'] } }, [unset, failed]), true);
    assert.equal(kept({ type: 'status_code', status_code: { status_codes: ['ERROR', 'OK'] } }, [unset]), false);
    assert.equal(kept({ type: 'status_code', status_code: { status_codes: ['UNSET'] } }, [failed, unset]), true);
    assert.equal(kept({ type: 'span_count', span_count: { min_spans: 2 } }, [unset]), false);
    assert.equal(kept({ type: 'span_count', span_count: { min_spans: 2 } }, [unset, unset]), true);
    assert.equal(kept({ type: 'span_count', span_count: { min_spans: 1, max_spans: 1 } }, [unset, unset]), false);
    const state = { type: 'trace_state', trace_state: { key: 'team', values: ['shop', 'pay'] } };
    assert.equal(kept(state, [span(0, { traceState: 'a=b, team=pay' })]), true);
    assert.equal(kept(state, [span(0, { traceState: 'xteam=pay,team=other' })]), false);
  });

  it('looks for attributes of spans and resources', () => {
    const text = { type: 'string_attribute', string_attribute: { key: 'tier', values: ['gold'] } };
    assert.equal(kept(text, [span(0), withAttribute('tier', 'gold')]), true);
    assert.equal(kept(text, [span(0)], [{ key: 'tier', value: 'gold' }]), true);
    assert.equal(kept(text, [withAttribute('tier', 'golden')]), false);
    assert.equal(kept(text, [withAttribute('reit', 'gold')]), false);
    assert.equal(kept({ type: 'string_attribute', string_attribute: { key: 'tier', values: ['^gold'], enabled_regex_matching: true } }, [withAttribute('tier', 'golden')]), true);
    const number = { type: 'numeric_attribute', numeric_attribute: { key: 'n', min_value: -5, max_value: 10 } };
    assert.deepEqual([-6n, -5n, 10n, 11n, '7', 7.5].map((value) => kept(number, [withAttribute('n', value)])), [false, true, true, false, false, false]);
    const flag = { type: 'boolean_attribute', boolean_attribute: { key: 'b', value: true } };
    assert.deepEqual([true, false, 'true'].map((value) => kept(flag, [withAttribute('b', value)])), [true, false, false]);
    assert.equal(kept({ type: 'ottl_condition', ottl_condition: { span: ['attributes["b"] == "x" and kind == SPAN_KIND_SERVER'] } }, [span(0), span(0, { kind: 2, attributes: [{ key: 'b', value: 'x' }] })]), true);
  });

  it('turns a match round, and lets a drop policy settle it whatever the others say', () => {
    const all = { name: 'all', type: 'always_sample' };
    const inverted = { name: 'not-health', type: 'string_attribute', string_attribute: { key: 'route', values: ['/health'], invert_match: true } };
    const health = [withAttribute('route', '/health')];
    assert.deepEqual([decided(samplerOf([inverted]), health).sampled, decided(samplerOf([inverted]), [span(0)]).sampled], [false, true]);
    assert.deepEqual(decided(samplerOf([inverted, all]), health), { sampled: true, policy: 'all', verdicts: [{ policy: 'not-health', verdict: 'not_sampled' }, { policy: 'all', verdict: 'sampled' }] });
    const drop = { name: 'drop', type: 'drop', drop: { drop_sub_policy: [{ name: 'h', type: 'string_attribute', string_attribute: { key: 'route', values: ['/health'] } }] } };
    assert.deepEqual([decided(samplerOf([all, drop]), health).sampled, decided(samplerOf([all, drop]), [span(0)]).sampled], [false, true]);
  });

  it('joins policies: and, not, composite', () => {
    const gold = { name: 'gold', type: 'string_attribute', string_attribute: { key: 'tier', values: ['gold'] } };
    const failed = { name: 'failed', type: 'status_code', status_code: { status_codes: ['ERROR'] } };
    const both = { type: 'and', and: { and_sub_policy: [gold, failed] } };
    const goldFailed = span(0, { status: { code: 2, message: '' }, attributes: [{ key: 'tier', value: 'gold' }] });
    assert.deepEqual([kept(both, [withAttribute('tier', 'gold')]), kept(both, [goldFailed])], [false, true]);
    assert.deepEqual([kept({ type: 'not', not: { not_sub_policy: gold } }, [goldFailed]), kept({ type: 'not', not: { not_sub_policy: gold } }, [span(0)])], [false, true]);
    const composite = samplerOf([{ name: 'c', type: 'composite', composite: { max_total_spans_per_second: 10, policy_order: ['gold', 'rest'], composite_sub_policy: [{ name: 'rest', type: 'always_sample' }, gold], rate_allocation: [{ policy: 'gold', percent: 60 }, { policy: 'rest', percent: 20 }] } }]);
    const take = (spans: readonly Span[], nowMs: number): boolean => decided(composite, spans, [], nowMs).sampled;
    const [golden, other] = [[withAttribute('tier', 'gold'), span(0), span(0)], [span(0), span(0)]];
    assert.deepEqual([take(golden, 0), take(other, 1), take(golden, 2), take(golden, 3), take(other, 999), take(golden, 1000), take(other, 1000)], [true, true, true, false, false, true, true]);
  });

  it('limits spans and bytes a second', () => {
    const limited = samplerOf([{ name: 'few', type: 'rate_limiting', rate_limiting: { spans_per_second: 3 } }]);
    const two = [span(0), span(0)];
    assert.deepEqual([0, 10, 1000, 1500, 2000].map((nowMs) => decided(limited, two, [], nowMs).sampled), [true, false, true, false, true]);
    const facts = (sampler: TailSampler): TraceFacts => [...observed(sampler, [span(0)]).values()][0]!;
    const bytes = facts(limited).bytes;
    const bucket = samplerOf([{ name: 'bytes', type: 'bytes_limiting', bytes_limiting: { bytes_per_second: bytes } }]);
    assert.deepEqual([0, 0, 0, 500, 1000, 1000].map((nowMs) => bucket.decide(facts(bucket), nowMs).sampled), [true, true, false, false, true, false]);
  });

  it('keeps a share of the traces by their ids alone, the same for the same salt', () => {
    const ids = Array.from({ length: 4000 }, (_, i) => (i * 2654435761 >>> 0).toString(16).padStart(8, '0').repeat(4));
    const share = (settings: object): readonly string[] => {
      const sampler = samplerOf([{ name: 'some', type: 'probabilistic', probabilistic: settings }]);
      return ids.filter((traceId) => decided(sampler, [span(0, { traceId })]).sampled);
    };
    const [tenth, again, half, salted] = [share({ sampling_percentage: 10 }), share({ sampling_percentage: 10 }), share({ sampling_percentage: 50 }), share({ sampling_percentage: 10, hash_salt: 'other' })];
    assert.deepEqual(tenth, again);
    assert.ok(tenth.length > 300 && tenth.length < 500, `${tenth.length}`);
    assert.ok(tenth.every((id) => half.includes(id)));
    assert.notDeepEqual(salted, tenth);
    assert.deepEqual([share({ sampling_percentage: 0 }).length, share({ sampling_percentage: 100 }).length], [0, ids.length]);
  });

  it('stops at the first policy that wants a trace where that is set', () => {
    const policies = [{ name: 'a', type: 'status_code', status_code: { status_codes: ['ERROR'] } }, { name: 'b', type: 'always_sample' }, { name: 'c', type: 'always_sample' }];
    assert.deepEqual(decided(samplerOf(policies, { sample_on_first_match: true }), [span(0, { status: { code: 0, message: '' } })]).verdicts.map(({ policy }) => policy), ['a', 'b']);
    assert.equal(decided(samplerOf(policies), [span(0)]).verdicts.length, 3);
  });

  it('reads spans on the wire as their model says, whatever is in them', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const values: readonly Attributes[number]['value'][] = ['gold', '', 5n, -1n, true, false, 1.5, ['gold'], new Uint8Array([1])];
    const sampler = samplerOf([
      { name: 's', type: 'string_attribute', string_attribute: { key: 'tier', values: ['gold'] } }, { name: 'n', type: 'numeric_attribute', numeric_attribute: { key: 'größe', min_value: 0 } },
      { name: 'b', type: 'boolean_attribute', boolean_attribute: { key: 'tier', value: true } }, { name: 'e', type: 'status_code', status_code: { status_codes: ['ERROR', 'UNSET'] } }, { name: 't', type: 'trace_state', trace_state: { key: 'a', values: ['1'] } },
      ...Array.from({ length: 40 }, (_, i) => ({ name: `k${i}`, type: 'string_attribute', string_attribute: { key: `k${i}`, values: ['gold'] } })),
    ]);
    const attributes = (): Attributes => Array.from({ length: random(5) }, () => ({ key: ['tier', 'größe', 'k1', 'k39', 'other'][random(5)]!, value: values[random(values.length)]! }));
    for (let round = 0; round < 200; round++) {
      const spans = Array.from({ length: 1 + random(6) }, () => span(0, {
        traceId: (1 + random(3)).toString(16).padStart(32, 'f'), attributes: attributes(), status: { code: random(3), message: '' }, traceState: ['', 'a=1', 'b=1,a=2'][random(3)]!,
        startNs: BigInt(random(1e9)) * S, endNs: BigInt(random(1e9)) * S,
      }));
      observed(sampler, spans, attributes());
    }
  });

  it('reads attributes whose fields come in another order, or more than once', () => {
    const part = (tag: number, content: readonly number[]): number[] => [tag, content.length, ...content];
    const text = (tag: number, value: string): number[] => part(tag, [...Buffer.from(value)]);
    const gold = part(18, text(10, 'gold'));
    const sampler = samplerOf([{ name: 'p', type: 'string_attribute', string_attribute: { key: 'tier', values: ['gold'] } }]);
    const sampled = (attribute: readonly number[]): boolean => {
      const traces = new Traces();
      const spanBytes = [...part(10, new Array<number>(16).fill(1)), ...part(74, attribute)];
      sampler.observe({ payload: Buffer.from(part(10, part(18, part(18, spanBytes)))), rejected: [] as readonly number[], items: 1 } as Frame, traces);
      return sampler.decide(traces.all.get('01'.repeat(16))!, 0).sampled;
    };
    const [tier, other] = [text(10, 'tier'), text(10, 'other')];
    const wanted = [[...tier, ...gold], [...gold, ...tier], [...other, ...gold, ...tier], [...other, ...tier, ...gold], [...other, 18, 0, ...tier, ...gold], [...tier, ...part(18, text(10, 'tin')), ...gold]];
    const not = [[...other, ...gold], [...tier, ...other, ...gold], [...tier, ...gold, ...other], tier, gold, [], [...tier, 18, 0]];
    assert.deepEqual([wanted.map(sampled), not.map(sampled)], [wanted.map(() => true), not.map(() => false)]);
  });

  it('tells every mistake with its place', () => {
    const mistakes = (policies: readonly unknown[]): readonly string[] => {
      try {
        parseTailSamplingConfig({ policies }, place);
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.mistakes.map(({ path, code }) => `${path} ${code}`);
      }
      return [];
    };
    assert.deepEqual(mistakes([{ name: 'a', type: 'latency' }, { name: 'a', type: 'always_sample', latency: { threshold_ms: 1 } }]), [
      'processors.tail_sampling.policies[0] SBX_CONFIG_MISSING', 'processors.tail_sampling.policies[1].name SBX_CONFIG_BAD_VALUE', 'processors.tail_sampling.policies[1].latency SBX_CONFIG_BAD_VALUE',
    ]);
    assert.deepEqual(mistakes([{ name: 'a', type: 'and', and: { and_sub_policy: [{ name: 'b', type: 'string_attribute', string_attribute: { key: 'x', values: ['ok', '('], enabled_regex_matching: true } }] } }]), ['processors.tail_sampling.policies[0].and.and_sub_policy[0].string_attribute.values[1] SBX_CONFIG_BAD_VALUE']);
    assert.deepEqual(mistakes([{ name: 'a', type: 'ottl_condition', ottl_condition: { span: ['attributes["x" == 1'] } }]).length, 1);
    assert.deepEqual(mistakes([{ name: 'a', type: 'composite', composite: { max_total_spans_per_second: 1, policy_order: ['x'], composite_sub_policy: [{ name: 'b', type: 'always_sample' }], rate_allocation: [{ policy: 'y', percent: 101 }] } }]).length > 0, true);
    assert.deepEqual(mistakes([{ name: 'a', type: 'composite', composite: { max_total_spans_per_second: 1, policy_order: ['x'], composite_sub_policy: [{ name: 'b', type: 'always_sample' }], rate_allocation: [{ policy: 'y', percent: 60 }, { policy: 'b', percent: 60 }] } }]), [
      'processors.tail_sampling.policies[0].composite.policy_order[0] SBX_CONFIG_BAD_VALUE', 'processors.tail_sampling.policies[0].composite.rate_allocation[0].policy SBX_CONFIG_BAD_VALUE', 'processors.tail_sampling.policies[0].composite.rate_allocation SBX_CONFIG_BAD_VALUE',
    ]);
  });
});
