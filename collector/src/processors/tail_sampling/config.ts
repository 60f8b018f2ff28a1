import { mistakeAt, ConfigError, type ConfigMistake } from '../../config/error.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { SpanConditions } from './conditions.js';
import { compilePolicies } from './compile.js';
import { tailSamplingSchema, type PolicyConfig, type TailSamplingConfig } from './schema.js';

/** Settings that a policy of the type cannot do without. */
const WITHOUT_SETTINGS: readonly string[] = ['always_sample'];
const NOT_SETTINGS: readonly string[] = ['name', 'type'];

/** @throws ConfigError with every mistake */
export function parseTailSamplingConfig(raw: unknown, place: ConfigPlace): TailSamplingConfig {
  const config = parseSection(tailSamplingSchema, raw, place);
  const mistakes: ConfigMistake[] = [];
  checkPolicies(config.policies, place.child('policies'), mistakes);
  if (mistakes.length === 0) compilePolicies(config.policies, place.child('policies'), new SpanConditions(), mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

function checkPolicies(policies: readonly PolicyConfig[], place: ConfigPlace, mistakes: ConfigMistake[]): void {
  policies.forEach((policy, i) => {
    const at = place.child(i);
    if (policies.findIndex(({ name }) => name === policy.name) < i) mistakes.push(mistakeAt(at.child('name'), 'SBX_CONFIG_BAD_VALUE', `two policies are named '${policy.name}'; decisions name the policy, so each needs a name of its own.`));
    checkSettings(policy, at, mistakes);
    const { and, drop, composite, not } = policy;
    if (policy.type === 'and' && and) checkPolicies(and.and_sub_policy, at.child('and').child('and_sub_policy'), mistakes);
    if (policy.type === 'drop' && drop) checkPolicies(drop.drop_sub_policy, at.child('drop').child('drop_sub_policy'), mistakes);
    if (policy.type === 'not' && not) checkSettings(not.not_sub_policy, at.child('not').child('not_sub_policy'), mistakes);
    if (policy.type === 'composite' && composite) checkComposite(composite, at.child('composite'), mistakes);
  });
}

/** The settings stand below a key that is called like the type. */
function checkSettings(policy: PolicyConfig, at: ConfigPlace, mistakes: ConfigMistake[]): void {
  const { type } = policy;
  if (policy[type] === undefined && !WITHOUT_SETTINGS.includes(type)) mistakes.push(mistakeAt(at, 'SBX_CONFIG_MISSING', `a policy of the type '${type}' needs its settings, below '${type}'.`));
  for (const [key, value] of Object.entries(policy)) {
    if (value !== undefined && key !== type && !NOT_SETTINGS.includes(key)) mistakes.push(mistakeAt(at.child(key), 'SBX_CONFIG_BAD_VALUE', `a policy of the type '${type}' has no settings of '${key}'.`, { atKey: true }));
  }
}

function checkComposite(composite: NonNullable<PolicyConfig['composite']>, at: ConfigPlace, mistakes: ConfigMistake[]): void {
  const { composite_sub_policy: policies, policy_order: order, rate_allocation: rates } = composite;
  checkPolicies(policies, at.child('composite_sub_policy'), mistakes);
  const unknown = (name: string, where: ConfigPlace): void => {
    if (!policies.some((policy) => policy.name === name)) mistakes.push(mistakeAt(where, 'SBX_CONFIG_BAD_VALUE', `there is no policy '${name}' below 'composite_sub_policy'.`));
  };
  order.forEach((name, i) => unknown(name, at.child('policy_order').child(i)));
  rates.forEach(({ policy }, i) => unknown(policy, at.child('rate_allocation').child(i).child('policy')));
  const percent = rates.reduce((sum, rate) => sum + rate.percent, 0);
  if (percent > 100) mistakes.push(mistakeAt(at.child('rate_allocation'), 'SBX_CONFIG_BAD_VALUE', `the shares add up to ${percent} %, more than all.`));
}
