import { hint, ok } from '../finding.js';
import { fetchStatus } from '../../probe/endpoints.js';
import type { Check } from '../finding.js';

const TOLERATED_MS = 5000;

/** Whether this machine and the appliance agree on the time: data from the future or the past falls out of the range that people look at. */
export const clockCheck: Check = {
  name: 'clock',
  async run({ url, token, timeoutMs, caller }) {
    const sent = Date.now();
    const status = await fetchStatus(url, token, timeoutMs, caller).catch(() => null);
    if (status === null) return [];
    const middle = (sent + Date.now()) / 2;
    const skewMs = Math.round(middle - Date.parse(status.now));
    if (Math.abs(skewMs) <= TOLERATED_MS) return [ok('clock', `this machine and the appliance agree on the time (${skewMs} ms apart)`)];
    const where = skewMs > 0 ? 'ahead of' : 'behind';
    return [hint('clock', `this machine is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${where} the appliance, so its data seems to come from the ${skewMs > 0 ? 'future' : 'past'}`, 'set the clocks by NTP; until then widen the time range that you look at')];
  },
};
