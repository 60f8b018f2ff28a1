import assert from 'node:assert/strict';
import { allCreated } from './all-created.js';

describe('exporters/elasticsearch/all-created', () => {
  const answer = (...statuses: readonly number[]): string => JSON.stringify({ errors: false, items: statuses.map((status) => ({ create: { status } })) });

  it('counts documents where all were created', () => {
    for (const count of [1, 2, 8192]) assert.equal(allCreated(answer(...Array.from({ length: count }, () => 201)))?.count, count);
  });

  it('leaves every other answer to those who read it', () => {
    const all = answer(201, 201, 201);
    for (const other of [answer(), answer(201, 200, 201), answer(201, 409, 201), all.replace('false', 'true '), all.replace('errors', 'error_'), all.replace('create', 'update'), `${all} `, ` ${all}`, all.slice(1), all.slice(0, -1), `${all.slice(0, -2)},]}`, '', '{}', '[]', 'null']) {
      assert.equal(allCreated(other), null, other);
    }
  });
});
