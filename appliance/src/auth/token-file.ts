import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplianceError } from '../errors.js';
import { prepareDataDirectory } from '../settings/data-directory.js';

export type Scope = 'write' | 'read';

/** A token as kept on disk. The secret itself is shown once, when it is made. */
export interface StoredToken {
  readonly id: string;
  /** SHA-256 of the whole token, hex. The token has 192 random bits, so a slow hash adds nothing. */
  readonly sha256: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly note: string;
  readonly createdAt: string;
}

const TENANT = /^[A-Za-z0-9!_.*'()-]{1,150}$/;

/** The same characters that Loki and Mimir allow in a tenant's name. */
export function isTenantName(name: string): boolean {
  return TENANT.test(name) && name !== '.' && name !== '..';
}

export function tokenFilePath(dataDir: string): string {
  return join(dataDir, 'tokens.json');
}

/** The tokens of a data directory; a missing file is none. */
export function readTokens(dataDir: string): StoredToken[] {
  const path = tokenFilePath(dataDir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return [];
    throw new ApplianceError('SBX_AUTH_TOKENS_UNREADABLE', `${path} cannot be read (${(error as Error).message}); make it readable for this user`);
  }
  try {
    const parsed = JSON.parse(text) as { version: number; tokens: StoredToken[] };
    if (parsed.version !== 1 || !Array.isArray(parsed.tokens)) throw new Error(`version ${parsed.version}`);
    return parsed.tokens;
  } catch (error) {
    throw new ApplianceError('SBX_AUTH_TOKENS_UNREADABLE', `${path} is not a token file of this version (${(error as Error).message}); restore it, or move it away and make new tokens with \`signalbox token create\``);
  }
}

function writeTokens(dataDir: string, tokens: readonly StoredToken[]): void {
  const path = tokenFilePath(dataDir);
  prepareDataDirectory(dataDir);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify({ version: 1, tokens }, null, 2) + '\n', { mode: 0o600 });
  renameSync(temporary, path);
}

/** Makes a token, stores its hash, answers the secret. */
export function createToken(dataDir: string, wish: { tenant: string; scopes: readonly Scope[]; note: string }, now: Date): { token: string; stored: StoredToken } {
  if (!isTenantName(wish.tenant)) {
    throw new ApplianceError('SBX_AUTH_TENANT_NAME', `"${wish.tenant}" is not a tenant's name: 1 to 150 letters, digits and !_.*'()-`);
  }
  const id = randomBytes(4).toString('hex');
  const token = `sbx_${id}_${randomBytes(24).toString('base64url')}`;
  const stored: StoredToken = { id, sha256: sha256(token).toString('hex'), tenant: wish.tenant, scopes: [...wish.scopes], note: wish.note, createdAt: now.toISOString() };
  writeTokens(dataDir, [...readTokens(dataDir), stored]);
  return { token, stored };
}

/** Answers whether there was such a token. */
export function revokeToken(dataDir: string, id: string): boolean {
  const tokens = readTokens(dataDir);
  const left = tokens.filter((t) => t.id !== id);
  if (left.length === tokens.length) return false;
  writeTokens(dataDir, left);
  return true;
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares without telling by its time how much of a token was right. */
export function findToken(tokens: readonly StoredToken[], token: string): StoredToken | undefined {
  const given = sha256(token);
  let found: StoredToken | undefined;
  for (const t of tokens) {
    const kept = Buffer.from(t.sha256, 'hex');
    if (kept.length === given.length && timingSafeEqual(kept, given)) found = t;
  }
  return found;
}

/** Changes whenever the file does; 0 without a file. */
export function tokensStamp(dataDir: string): number {
  try {
    const stat = statSync(tokenFilePath(dataDir));
    return stat.mtimeMs + stat.size / 1e6;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw new ApplianceError('SBX_AUTH_TOKENS_UNREADABLE', `${tokenFilePath(dataDir)} cannot be read (${(error as Error).message}); make its folder readable for this user`);
  }
}

/** A data directory that can be none (a file stands in its place) has no tokens; that it can be none, the journal says. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
