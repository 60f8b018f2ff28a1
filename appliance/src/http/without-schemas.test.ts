import assert from 'node:assert/strict';
import { fastify } from 'fastify';
import { withoutSchemas } from './without-schemas.js';

describe('http/without-schemas', () => {
  it('answers routes without schemas, objects and errors included', async () => {
    const app = fastify({ schemaController: withoutSchemas });
    app.get('/good', () => ({ a: [1, 'b'] }));
    app.get('/bad', () => { throw new Error('no'); });
    try {
      assert.deepEqual((await app.inject('/good')).json(), { a: [1, 'b'] });
      assert.equal((await app.inject('/bad')).json<{ message: string }>().message, 'no');
    } finally {
      await app.close();
    }
  });

  for (const schema of [{ querystring: { type: 'object' } }, { response: { 200: { type: 'object' } } }]) {
    it(`refuses a route with a schema: ${Object.keys(schema).join()}`, async () => {
      const app = fastify({ schemaController: withoutSchemas });
      try {
        await assert.rejects(async () => {
          app.get('/', { schema }, () => ({}));
          await app.ready();
        }, /JSON Schema/);
      } finally {
        await app.close();
      }
    });
  }
});
