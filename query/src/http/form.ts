import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The parameters of a request as Go's r.FormValue sees them: a form in the body first, then the query. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?');
  const query = mark < 0 ? '' : request.url.slice(mark + 1);
  if (typeof request.body !== 'string' || request.body === '') return new URLSearchParams(query);
  return new URLSearchParams(query === '' ? request.body : `${request.body}&${query}`);
}

/** Lets an API take its parameters as an urlencoded form of at most `maxBytes`. */
export function acceptForms(app: FastifyInstance, maxBytes: number): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: maxBytes }, (_request, body, done) => {
    done(null, body);
  });
}
