import type { Authenticator } from '../../component.js';
import { GrpcCode } from './grpc-code.js';
import { Refusal } from './refusal.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The tenant that a request writes for. @throws Refusal */
export function authorizeWrite(auth: Authenticator, headers: Headers): string {
  const answer = auth.write(single(headers['authorization']), single(headers['x-scope-orgid']));
  if ('tenant' in answer) return answer.tenant;
  if (answer.refused === 'unauthenticated') throw new Refusal('unauthenticated', GrpcCode.UNAUTHENTICATED, 401, answer.reason);
  throw new Refusal('forbidden', GrpcCode.PERMISSION_DENIED, 403, answer.reason);
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value[0];
}
