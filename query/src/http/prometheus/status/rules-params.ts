import type { FastifyRequest } from 'fastify';
import { NumberError, goQuote, parseGoBool, parseGoInt } from '../../../go/strconv.js';
import { formOf } from '../../form.js';
import { BadData } from '../errors.js';
import { checkForm, matchersParam, named } from '../request/params.js';

/** What may be asked of rules. Throws BadData. */
export function checkRulesParams(request: FastifyRequest): void {
  checkForm(request);
  const form = formOf(request);
  matchersParam(form);
  const [type, exclude, limit, token] = ['type', 'exclude_alerts', 'group_limit', 'group_next_token'].map((name) => form.get(name) ?? '');
  const kind = (type ?? '').toLowerCase();
  if (!['', 'alert', 'record'].includes(kind)) throw new BadData(`invalid parameter "type": not supported value ${goQuote(kind)}`);
  const told = (what: string, read: () => unknown) => () => {
    try {
      read();
    } catch (error) {
      throw error instanceof NumberError ? new BadData(`${what}: ${error.message}`) : error;
    }
  };
  if (exclude !== '' && exclude !== undefined) named('exclude_alerts', told('error converting exclude_alerts', () => parseGoBool(exclude.toLowerCase())));
  if (limit === '' || limit === undefined) {
    if (token !== '') throw new BadData('invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups');
    return;
  }
  named('group_limit', told('group_limit needs to be a valid number', () => parseGoInt(limit, 32)));
  if (parseGoInt(limit, 32) <= 0n) throw new BadData('invalid parameter "group_limit": group_limit needs to be greater than 0');
  if (token !== '') throw new BadData(`invalid parameter "group_next_token": invalid group_next_token '${token}'. were rule groups changed?`);
}
