import { readFileSync } from 'node:fs';
import type { Authenticator } from '@signalbox/collector/component';
import { ApplianceError } from '../errors.js';
import { findToken, isTenantName, readTokens, sha256, tokensStamp } from './token-file.js';
import type { Scope, StoredToken } from './token-file.js';

export interface AuthOptions {
  readonly dataDir: string;
  /** Tokens are demanded; without, anyone who can connect may read and write. */
  readonly required: boolean;
  /** A file with one token (a docker secret), for tenant `default`, both scopes. */
  readonly tokenFile: string | null;
}

export type Verdict = { readonly tenant: string } | { readonly refused: 'unauthenticated' | 'forbidden'; readonly reason: string };

/** How long a changed tokens.json may go unnoticed. */
const RECHECK_MS = 1000;

/** Decides who may write and read. A revoked or new token counts within a second, without a restart. */
export class TokenAuthenticator implements Authenticator {
  #tokens: readonly StoredToken[] = [];
  #stamp = -1;
  #checkedMs = -Infinity;
  readonly #fixed: readonly StoredToken[];
  readonly #known = new Map<string, StoredToken>();

  constructor(readonly options: AuthOptions, readonly monotonicMs: () => number) {
    this.#fixed = options.tokenFile === null ? [] : [tokenFromFile(options.tokenFile)];
    this.#refresh();
  }

  /** How many tokens would be taken. */
  get size(): number {
    this.#refresh();
    return this.#tokens.length + this.#fixed.length;
  }

  write(authorization: string | undefined, tenantHeader: string | undefined): Verdict {
    return this.#check('write', authorization, tenantHeader);
  }

  read(authorization: string | undefined, tenantHeader: string | undefined): Verdict {
    return this.#check('read', authorization, tenantHeader);
  }

  #check(scope: Scope, authorization: string | undefined, tenantHeader: string | undefined): Verdict {
    if (tenantHeader !== undefined && !isTenantName(tenantHeader)) {
      return { refused: 'forbidden', reason: "X-Scope-OrgID is not a tenant's name: 1 to 150 letters, digits and !_.*'()-" };
    }
    if (!this.options.required) return { tenant: tenantHeader ?? 'default' };
    if (authorization === undefined) {
      return { refused: 'unauthenticated', reason: 'a token is demanded here: send `Authorization: Bearer <token>`; make one with `signalbox token create`' };
    }
    const token = bearer(authorization);
    if (token === null) return { refused: 'unauthenticated', reason: 'the Authorization header must be `Bearer <token>`' };
    const stored = this.#lookUp(token);
    if (stored === undefined) return { refused: 'unauthenticated', reason: 'the token is not known here (revoked, or of another data directory); make one with `signalbox token create`' };
    if (!stored.scopes.includes(scope)) return { refused: 'forbidden', reason: `the token ${stored.id} has no scope "${scope}"; make one with \`signalbox token create --scope ${scope}\`` };
    if (tenantHeader !== undefined && tenantHeader !== stored.tenant) {
      return { refused: 'forbidden', reason: `the token ${stored.id} is of tenant "${stored.tenant}", not of "${tenantHeader}"` };
    }
    return { tenant: stored.tenant };
  }

  #lookUp(token: string): StoredToken | undefined {
    this.#refresh();
    // Exporters send the same token with each request; the digest as key keeps secrets out of the map.
    const key = sha256(token).toString('base64');
    const known = this.#known.get(key);
    if (known) return known;
    const found = findToken(this.#fixed, token) ?? findToken(this.#tokens, token);
    if (found) this.#known.set(key, found);
    return found;
  }

  #refresh(): void {
    const now = this.monotonicMs();
    if (now - this.#checkedMs < RECHECK_MS) return;
    this.#checkedMs = now;
    const stamp = tokensStamp(this.options.dataDir);
    if (stamp === this.#stamp) return;
    this.#tokens = readTokens(this.options.dataDir);
    this.#stamp = stamp;
    this.#known.clear();
  }
}

function bearer(authorization: string): string | null {
  const match = /^bearer +([^\s]+) *$/i.exec(authorization);
  return match?.[1] ?? null;
}

function tokenFromFile(path: string): StoredToken {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ApplianceError('SBX_AUTH_TOKEN_FILE', `auth.token_file: ${path} cannot be read (${(error as Error).message})`);
  }
  if (token.length < 20) throw new ApplianceError('SBX_AUTH_TOKEN_FILE', `auth.token_file: ${path} holds a token of ${token.length} characters; it must have 20 at least, for example from \`openssl rand -base64 32\``);
  return { id: 'file', sha256: sha256(token).toString('hex'), tenant: 'default', scopes: ['write', 'read'], note: path, createdAt: '' };
}
