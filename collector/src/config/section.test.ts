import assert from 'node:assert/strict';
import { z } from 'zod';
import { duration } from './duration.js';
import { ConfigError } from './error.js';
import { detachedPlace } from './place.js';
import { parseSection } from './section.js';

const schema = z.strictObject({
  endpoint: z.string(),
  mode: z.enum(['fast', 'safe']).default('safe'),
  tls: z.strictObject({ insecure: z.boolean().default(false), ca_file: z.string().optional() }).prefault({}),
  protocols: z.strictObject({ grpc: z.strictObject({ port: z.number().default(4317) }).optional() }).optional(),
  timeout: duration().default(5000),
  headers: z.record(z.string(), z.string()).default({}),
});
const place = detachedPlace('(test)', ['exporters', 'x']);

function mistakesOf(raw: unknown): readonly string[] {
  try {
    parseSection(schema, raw, place);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.mistakes.map((m) => `${m.code} ${m.path}${m.nearest ? ` → ${m.nearest}` : ''}: ${m.message}`);
  }
  return [];
}

describe('config/section', () => {
  it('fills defaults and freezes all the way down', () => {
    const config = parseSection(schema, { endpoint: 'x' }, place);
    assert.deepEqual(config, { endpoint: 'x', mode: 'safe', tls: { insecure: false }, timeout: 5000, headers: {} });
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.tls) && Object.isFrozen(config.headers));
  });

  it('takes what the Collector takes in place of a list and of a number', () => {
    const wide = z.strictObject({ include: z.array(z.string()).default([]), size: z.int().default(1), rules: z.array(z.strictObject({ a: z.string() })).default([]) });
    assert.deepEqual(parseSection(wide, { include: '/var/log/*.log', size: '100_000' }, place), { include: ['/var/log/*.log'], size: 100_000, rules: [] });
    assert.deepEqual(parseSection(wide, { include: 'a, b,c' }, place).include, ['a', 'b', 'c']);
    assert.deepEqual(parseSection(wide, { include: '' }, place).include, []);
    for (const raw of [{ include: '{a,b}' }, { include: 'IsMatch(x, "a")' }, { rules: 'a' }, { size: '1' }, { size: '_1' }, { size: '1__0' }]) assert.throws(() => parseSection(wide, raw, place), /expected a (?:list|whole number|number), found text/, JSON.stringify(raw));
  });

  it('takes a key without a value as its defaults', () => {
    const config = parseSection(schema, { endpoint: 'x', mode: null, tls: null, protocols: { grpc: null }, timeout: null }, place);
    assert.deepEqual(config.protocols, { grpc: { port: 4317 } });
    assert.equal(config.timeout, 5000);
  });

  it('leaves what it was given alone', () => {
    const raw = { endpoint: 'x', tls: null };
    parseSection(schema, raw, place);
    assert.deepEqual(raw, { endpoint: 'x', tls: null });
  });

  it('says of a key that is misspelt once that it is, and not that it is missing too', () => {
    assert.deepEqual(mistakesOf({ endpont: 'x' }), ["SBX_CONFIG_UNKNOWN_KEY exporters.x.endpont → endpoint: unknown key 'endpont'."]);
    assert.deepEqual(mistakesOf({ mode: 'fast' }), ['SBX_CONFIG_MISSING exporters.x.endpoint: a value is needed here: text.']);
  });

  it('reports every mistake with its path and the nearest name', () => {
    assert.deepEqual(mistakesOf({ endpont: 'x', mode: 'saef', tls: { insecure: 'yes', cafile: 'x' }, timeout: 5, headers: { a: 1 } }), [
      "SBX_CONFIG_BAD_VALUE exporters.x.mode → safe: one of: fast, safe.",
      'SBX_CONFIG_BAD_VALUE exporters.x.tls.insecure: expected true or false, found text.',
      "SBX_CONFIG_UNKNOWN_KEY exporters.x.tls.cafile → ca_file: unknown key 'cafile'.",
      'SBX_CONFIG_BAD_VALUE exporters.x.timeout: a duration needs a unit: 5s or 5ms.',
      'SBX_CONFIG_BAD_VALUE exporters.x.headers.a: expected text, found a number.',
      "SBX_CONFIG_UNKNOWN_KEY exporters.x.endpont → endpoint: unknown key 'endpont'.",
    ]);
  });

  it('says what a section that is no map should be', () => {
    assert.deepEqual(mistakesOf('http://x'), ['SBX_CONFIG_BAD_VALUE exporters.x: expected a map, found text.']);
  });
});
