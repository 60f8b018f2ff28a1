import { existsSync } from 'node:fs';
import { fetchStatus } from '../../probe/endpoints.js';
import { ApplianceError, describeError } from '../../errors.js';
import { hint, ok, problem } from '../finding.js';
import type { Check } from '../finding.js';

/** Whether the appliance answers, and whether all of its roles run. */
export const applianceCheck: Check = {
  name: 'appliance',
  async run({ url, token, timeoutMs, caller, dataDir }) {
    try {
      const status = await fetchStatus(url, token, timeoutMs, caller);
      const down = status.roles.filter((r) => r.state !== 'running');
      if (down.length > 0) {
        return down.map((r) => problem('appliance', `the ${r.name} role is ${r.state}${r.lastFailure ? `: ${r.lastFailure}` : ''}`, 'see its lines in the output of the appliance; it is started again by itself'));
      }
      const restarted = status.roles.filter((r) => r.restarts > 0);
      const note = restarted.length > 0 ? `; restarted since the start: ${restarted.map((r) => `${r.name} ${r.restarts} times (${r.lastFailure})`).join(', ')}` : '';
      const answer = ok('appliance', `version ${status.version} answers at ${url}, all roles are ready${note}`);
      if (status.dataDirectory === dataDir || !existsSync(dataDir)) return [answer];
      return [answer, hint('appliance', `it keeps its data in ${status.dataDirectory}, not in ${dataDir}: it may be another one than is meant`, 'say which one with --url (or --config), and where its data is with --data')];
    } catch (error) {
      if (error instanceof ApplianceError && error.remedy !== '') return [problem('appliance', `${error.code}: ${error.what}`, error.remedy)];
      return [problem('appliance', describeError(error), 'start it with `npm start`; if it runs elsewhere, say where with --url')];
    }
  },
};
