import assert from 'node:assert/strict';
import { detachedPlace } from '../../../config/place.js';
import { parseConfig } from '../config.js';
import { Relabeling } from './relabel.js';

function relabel(rules: readonly object[], labels: Record<string, string>): Record<string, string> | null {
  const config = parseConfig({ config: { scrape_configs: [{ job_name: 'j', relabel_configs: rules }] } }, detachedPlace('test'));
  const result = new Relabeling(config.scrapeConfigs[0]!.relabel_configs).apply(new Map(Object.entries(labels)));
  return result === null ? null : Object.fromEntries([...result].sort());
}

describe('receivers/prometheus/relabel', () => {
  for (const { what, rules, labels, expected } of [
    { what: 'replaces by groups', rules: [{ source_labels: ['a'], regex: 'f(o+)(?P<rest>.*)', target_label: 'd', replacement: '${1}-$rest-$$-$9' }], labels: { a: 'foobar' }, expected: { a: 'foobar', d: 'oo-bar-$-' } },
    { what: 'matches whole values only', rules: [{ source_labels: ['a'], regex: 'o', target_label: 'd', replacement: 'x' }], labels: { a: 'foo' }, expected: { a: 'foo' } },
    { what: 'matches line ends', rules: [{ source_labels: ['a'], regex: 'x.*', target_label: 'd', replacement: 'y' }], labels: { a: 'x\nz' }, expected: { a: 'x\nz', d: 'y' } },
    { what: 'copies by default', rules: [{ source_labels: ['a', 'b'], target_label: 'd' }], labels: { a: '1', b: '2' }, expected: { a: '1', b: '2', d: '1;2' } },
    { what: 'removes with an empty replacement', rules: [{ target_label: 'a', replacement: '' }], labels: { a: '1', b: '2' }, expected: { b: '2' } },
    { what: 'names the target by a group', rules: [{ source_labels: ['a'], regex: '(.*)=(.*)', target_label: '$1', replacement: '$2' }], labels: { a: 'x=1' }, expected: { a: 'x=1', x: '1' } },
    { what: 'keeps', rules: [{ source_labels: ['a'], regex: '1|2', action: 'keep' }], labels: { a: '3' }, expected: null },
    { what: 'drops', rules: [{ source_labels: ['a'], regex: '1|2', action: 'Drop' }], labels: { a: '2' }, expected: null },
    { what: 'keeps equals', rules: [{ source_labels: ['a'], target_label: 'b', action: 'keepequal' }], labels: { a: '2', b: '3' }, expected: null },
    { what: 'drops equals', rules: [{ source_labels: ['a'], target_label: 'b', action: 'dropequal' }], labels: { a: '2', b: '2' }, expected: null },
    // Of Prometheus' own tests (model/relabel): MD5 of `foo` modulo 1000.
    { what: 'takes hashes', rules: [{ source_labels: ['c'], target_label: 'd', action: 'hashmod', modulus: 1000 }], labels: { c: 'baz' }, expected: { c: 'baz', d: '976' } },
    { what: 'maps names', rules: [{ regex: 'meta_(.+)', action: 'labelmap' }], labels: { meta_a: '1', b: '2' }, expected: { a: '1', b: '2', meta_a: '1' } },
    { what: 'drops names', rules: [{ regex: 'meta_.+', action: 'labeldrop' }], labels: { meta_a: '1', b: '2' }, expected: { b: '2' } },
    { what: 'keeps names', rules: [{ regex: 'meta_.+', action: 'labelkeep' }], labels: { meta_a: '1', b: '2' }, expected: { meta_a: '1' } },
    { what: 'changes case', rules: [{ source_labels: ['a'], target_label: 'u', action: 'uppercase' }, { source_labels: ['a'], target_label: 'l', action: 'lowercase' }], labels: { a: 'aB' }, expected: { a: 'aB', l: 'ab', u: 'AB' } },
  ]) {
    it(what, () => assert.deepStrictEqual(relabel(rules, labels as Record<string, string>), expected));
  }

  it('keeps labels that are called like settings apart from settings', () => {
    const config = parseConfig({ config: { global: { external_labels: { endpoint: 'x' } }, scrape_configs: [{ job_name: 'j', static_configs: [{ targets: ['a:1'], labels: { endpoint: 'web' } }] }] } }, detachedPlace('test'));
    assert.doesNotMatch(JSON.stringify(config), /"endpoint":/);
    assert.deepStrictEqual(config.scrapeConfigs[0]!.static_configs[0]!.labels, [['endpoint', 'web']]);
  });

  it('names what is wrong in a rule', () => {
    for (const rule of [{ regex: '(' }, { action: 'hashmod', target_label: 'a' }, { action: 'replace' }, { action: 'nonsense' }]) assert.throws(() => relabel([rule], {}), /relabel_configs/);
  });
});
