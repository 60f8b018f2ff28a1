import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfiguration } from 'signalbox/settings/configuration';
import { parse, stringify } from 'yaml';

const root = join(import.meta.dirname, '../..');

/** What stands around an example that shows a part of a configuration. */
const REST = {
  receivers: { otlp: {} },
  exporters: { store: {} },
  service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['store'] }, logs: { receivers: ['otlp'], exporters: ['store'] }, metrics: { receivers: ['otlp'], exporters: ['store'] } } },
};

interface Part {
  readonly receivers?: object;
  readonly exporters?: object;
  readonly service?: { readonly pipelines: Readonly<Record<string, { readonly receivers: readonly string[] }>> };
}

/** A whole configuration is taken as it is; to a part comes what it leaves out: the receivers that its pipelines name, pipelines, a place to keep things. */
function completed(text: string): string {
  const part = parse(text) as Part;
  if (part.service !== undefined && part.receivers !== undefined && part.exporters !== undefined) return text;
  const named = Object.values(part.service?.pipelines ?? {}).flatMap(({ receivers }) => receivers);
  const receivers = Object.fromEntries(named.map((id) => [id, id === 'filelog' ? { include: ['/var/log/*.log'] } : {}]));
  return stringify({ ...REST, ...part, receivers: { ...REST.receivers, ...receivers, ...part.receivers }, exporters: { ...REST.exporters, ...part.exporters } });
}

describe('configurations in the docs', () => {
  const files = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`), ...readdirSync(join(root, 'compose')).filter((name) => /config\.yaml$/.test(name)).map((name) => `compose/${name}`)];
  let seen = 0;
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const blocks = file.endsWith('.yaml') ? [{ line: 1, block: text }] : [...text.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map((match) => ({ line: text.slice(0, match.index).split('\n').length, block: (match[2] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), '') }));
    for (const { line, block } of blocks) {
      const keys = Object.keys((parse(block) as object | null) ?? {});
      if (!keys.some((key) => ['receivers', 'processors', 'connectors', 'exporters', 'service', 'serve', 'store', 'auth', 'journal'].includes(key))) continue;
      seen++;
      it(`${file}:${line} (${keys.join(', ')}) can be loaded`, () => {
        const { warnings } = parseConfiguration({ text: completed(block), file: `${file}:${line}` }, {});
        assert.deepEqual(warnings.filter(({ code }) => code !== 'SBX_CONFIG_UNUSED_COMPONENT'), []);
      });
    }
  }

  it('are looked at', () => { assert.ok(seen > 15, String(seen)); });
});
