import { z } from 'zod';
import { collect, mistakeAt, type ConfigMistake } from '../error.js';
import { refused } from '../foreign.js';
import { nearestName } from '../nearest.js';
import type { ConfigPlace } from '../place.js';
import { parseSection } from '../section.js';

const text = z.string().min(1);

const BASIC = z.strictObject({
  client_auth: z.strictObject({ username: text, password: z.string().optional(), password_file: text.optional(), username_file: refused('write the user into username, from the environment if need be: ${env:NAME}.') }),
  htpasswd: refused('who may send is told by tokens: make one with `signalbox token create`.'),
});

const BEARER = z
  .strictObject({
    scheme: z.string().regex(/^bearer$/i, { message: 'only Bearer is known; for another scheme write the header: headers: { authorization: "…" }.' }).optional(),
    token: text.optional(),
    filename: text.optional(),
    tokens: refused('who may send is told by tokens of our own: make them with `signalbox token create`.'),
    header: refused('for another header than Authorization write it: headers: { NAME: "…" }.'),
  })
  .refine(({ token, filename }) => (token === undefined) !== (filename === undefined), { message: 'give token or filename.' });

/** Extensions that say who an exporter is, by type: their section as an exporter's `auth`. */
const READERS: Readonly<Record<string, (raw: unknown, place: ConfigPlace) => Readonly<Record<string, unknown>>>> = {
  basicauth: (raw, place) => {
    const { username, password, password_file } = parseSection(BASIC, raw, place).client_auth;
    return { username, ...(password === undefined ? {} : { password }), ...(password_file === undefined ? {} : { password_file }) };
  },
  bearertokenauth: (raw, place) => {
    const { token, filename } = parseSection(BEARER, raw, place);
    return token === undefined ? { bearer_token_file: filename } : { bearer_token: token };
  },
};

/** `auth` sections by the id of an extension; null where it has mistakes, or is none that exporters can name. */
export type Authenticators = ReadonlyMap<string, Readonly<Record<string, unknown>> | null>;

export function isAuthenticator(type: string): boolean {
  return Object.hasOwn(READERS, type);
}

/** What the extension says as an `auth` section; null where it has mistakes. */
export function readAuthenticator(type: string, raw: unknown, place: ConfigPlace, mistakes: ConfigMistake[]): Readonly<Record<string, unknown>> | null {
  return collect(mistakes, () => READERS[type]!(raw, place));
}

/** An exporter's section with `auth: { authenticator: ID }` replaced by what the extension says. */
export function withAuthenticator(section: unknown, place: ConfigPlace, authenticators: Authenticators, mistakes: ConfigMistake[]): unknown {
  if (!isRecord(section) || !isRecord(section['auth']) || section['auth']['authenticator'] === undefined) return section;
  const { authenticator, ...rest } = section['auth'];
  const at = place.child('auth').child('authenticator');
  const id = String(authenticator);
  const found = authenticators.get(id);
  if (found === undefined) mistakes.push(mistakeAt(at, 'SBX_CONFIG_UNDEFINED_COMPONENT', `there is no extension '${id}' below 'extensions'.`, { nearest: nearestName(id, authenticators.keys()) }));
  else if (found === null && !isAuthenticator(id.split('/', 1)[0]!)) mistakes.push(mistakeAt(at, 'SBX_CONFIG_UNSUPPORTED', `'${id}' does not say who the exporter is: name an extension of the type ${Object.keys(READERS).join(' or ')}.`));
  return { ...section, auth: { ...rest, ...(found ?? {}) } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
