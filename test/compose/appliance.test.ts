import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseConfiguration } from 'signalbox/settings/configuration';
import { composeSchema } from './compose-schema.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Compose {
  services: Record<string, { build: { context: string; dockerfile: string }; environment: Record<string, string>; ports: string[]; volumes: string[]; secrets: string[] }>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, object>;
}

describe('compose/appliance.yaml', () => {
  const compose = parse(read('compose/appliance.yaml')) as Compose;
  const dockerfile = read('compose/Dockerfile');
  const service = compose.services['signalbox']!;
  const config = parseConfiguration({ text: read('compose/appliance-config.yaml'), file: 'compose/appliance-config.yaml' }, {});

  it('is what the compose specification allows', function () {
    const schema = composeSchema();
    if (schema === null) {
      if (process.env['CI']) assert.fail('Go is needed to fetch the compose specification\'s schema');
      this.test!.title += ' (needs Go, to fetch the schema)';
      this.skip();
    }
    // Its `$schema` names draft 7 by another URL than Ajv knows it by.
    const { $schema: _draft7, ...rules } = schema as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(rules);
    assert.ok(validate(compose), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...compose, services: { signalbox: { ...service, ports: 4317 } } }), 'the schema must be able to refuse');
  });

  it('publishes the ports that the configuration listens on, on this machine only', () => {
    const endpoints = config.receivers.flatMap((r) => Object.values((r.config as { protocols: Record<string, { endpoint: string } | undefined> }).protocols)).flatMap((p) => (p ? [p.endpoint] : []));
    const ports = [...endpoints, config.sections.serve.endpoint].map((e) => e.slice(e.lastIndexOf(':') + 1)).sort();
    assert.deepEqual(ports, ['4317', '4318', '4319']);
    assert.deepEqual([...service.ports].sort(), ports.map((p) => `127.0.0.1:${p}:${p}`));
    assert.match(dockerfile, new RegExp(`^EXPOSE ${ports.join(' ')}$`, 'm'));
    for (const endpoint of [...endpoints, config.sections.serve.endpoint]) assert.match(endpoint, /^0\.0\.0\.0:/, 'published ports reach a container only on all of its addresses');
  });

  it('keeps data in the volume, and takes the token from a secret', () => {
    assert.ok(service.volumes.includes(`signalbox-data:${service.environment['SIGNALBOX_DATA']}`));
    assert.ok('signalbox-data' in compose.volumes);
    const [secret] = service.secrets;
    assert.equal(service.environment['SIGNALBOX_AUTH_TOKEN_FILE'], `/run/secrets/${secret}`);
    assert.equal(compose.secrets[secret!]!.file, './signalbox_token.txt');
    const given = parseConfiguration({ text: '{}', file: 'empty' }, service.environment);
    assert.equal(given.sections.auth.token_file, `/run/secrets/${secret}`);
  });

  it('names files that are there, in a Dockerfile of two stages that does not run as root', () => {
    assert.ok(existsSync(join(root, 'compose', service.build.context, service.build.dockerfile)));
    assert.equal(dockerfile.match(/^FROM /gm)?.length, 2);
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    assert.match(last, /^USER node$/m);
    const entry = /^ENTRYPOINT (\[.*\])$/m.exec(last)!;
    assert.deepEqual(JSON.parse(entry[1]!), ['node', 'appliance/dist/main.js']);
    const command = JSON.parse(/^CMD (\["start".*\])$/m.exec(last)![1]!) as string[];
    assert.ok(existsSync(join(root, command[command.indexOf('--config') + 1]!)));
    for (const [, path] of dockerfile.matchAll(/node (scripts\/\S+)/g)) assert.ok(existsSync(join(root, path!)), path);
    assert.match(last, /fetch\('http:\/\/127\.0\.0\.1:4319\/readyz'\)/);
  });
});
