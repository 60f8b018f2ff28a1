import type { FastifyServerOptions } from 'fastify';

/**
 * For fastify: no route describes what it takes and answers by JSON Schema, so what compiles such schemas, as much code as all the rest
 * of fastify, is not loaded. A route that has one fails when it is registered.
 */
export const withoutSchemas: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

function refuse(): never {
  throw new Error('a route has a JSON Schema, and what compiles them is left out (appliance/src/http/without-schemas.ts)');
}
