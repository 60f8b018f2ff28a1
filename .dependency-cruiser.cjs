// Who may import whom: docs/ARCHITECTURE.md. `npm run lint:proof` plants a forbidden import and expects this to find it.
const room = (name) => `^${name}/`;
const only = (from, allowed) => ({
  name: `${from.replace(/[^a-z]/g, '-')}-imports`,
  comment: `${from} may import ${allowed.length ? allowed.join(', ') : 'none of ours'}`,
  severity: 'error',
  from: { path: room(`${from}/src`) },
  to: { path: ['signals', 'journal', 'collector', 'query', 'store', 'console', 'appliance', 'agents', 'demo', 'dashboards', 'test', 'benchmarks'].filter((r) => r !== from.split('/')[0] && !allowed.includes(r)).map(room) },
});

module.exports = {
  forbidden: [
    only('signals', []),
    only('journal', []),
    only('agents/node', ['signals', 'journal']),
    only('collector', ['signals', 'journal']),
    only('query', ['signals']),
    only('store', ['signals', 'journal', 'query']),
    only('console', ['query']),
    only('dashboards', []),
    only('demo', []),
    only('appliance', ['signals', 'journal', 'collector', 'query', 'store', 'console', 'dashboards']),
    {
      name: 'store-takes-only-types-of-query', severity: 'error',
      from: { path: '^store/src' }, to: { path: '^query/', pathNot: '^query/src/readers\\.ts$' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['/dist/', '\\.test\\.ts$'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'], mainFields: ['module', 'main'], extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};
