import { readFile } from 'node:fs/promises';
import { describeError } from '../../errors.js';
import { parseConfiguration } from '../../settings/configuration.js';
import { ok, problem } from '../finding.js';
import type { Check } from '../finding.js';

/** Whether the configuration file is right, with every mistake that it has. */
export const configurationCheck: Check = {
  name: 'configuration',
  async run({ configFile }) {
    if (configFile === null) return [];
    try {
      parseConfiguration({ text: await readFile(configFile, 'utf8'), file: configFile }, process.env);
      return [ok('configuration', `${configFile} has no mistakes`)];
    } catch (error) {
      return [problem('configuration', describeError(error), `correct ${configFile}; \`signalbox start --check --config ${configFile}\` checks it again`)];
    }
  },
};
