import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseUrlQuery } from '../go/url-query.js';

const FORM = 'application/x-www-form-urlencoded';

/** The parameters of a request as Go's r.FormValue sees them: a form in the body first, then the query; what is broken is left out. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const query = parseUrlQuery(queryOf(request)).params;
  const body = bodyOf(request);
  if (body === '') return query;
  const form = parseUrlQuery(body).params;
  for (const [name, value] of query) form.append(name, value);
  return form;
}

/** What Go's r.ParseForm says against a request; null where there is nothing. */
export function formProblem(request: FastifyRequest): string | null {
  return parseUrlQuery(bodyOf(request)).error ?? parseUrlQuery(queryOf(request)).error;
}

function queryOf({ url }: FastifyRequest): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** Of another type a body has no parameters. */
function bodyOf({ body, headers }: FastifyRequest): string {
  if (typeof body !== 'string') return '';
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === FORM ? body : '';
}

/** Lets an API take its parameters as an urlencoded form of at most `maxBytes`. */
export function acceptForms(app: FastifyInstance, maxBytes: number): void {
  app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: maxBytes }, (_request, body, done) => {
    done(null, body);
  });
}
