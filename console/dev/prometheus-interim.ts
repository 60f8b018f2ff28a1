import type { FastifyPluginAsync } from 'fastify';

/** Stands in until the engine is there: curves for whatever is asked, by the labels it groups by. */
export const prometheusApi: FastifyPluginAsync = async (app) => {
  const groups = (query: string): Record<string, string>[] => {
    const by = /by \(([^)]*)\)/.exec(query)?.[1]?.split(',').map((one) => one.trim()).filter((one) => one !== 'le') ?? [];
    if (by.includes('http_route')) return [['storefront', 'GET', '/products/:sku'], ['storefront', 'POST', '/checkout'], ['inventory', 'GET', '/stock/:sku'], ['inventory', 'POST', '/reserve'], ['payments', 'POST', '/charge']].map(([job, http_request_method, http_route]) => ({ job: job ?? '', http_request_method: http_request_method ?? '', http_route: http_route ?? '' }));
    if (by.includes('db_operation_name')) return ['SELECT', 'UPDATE'].map((db_operation_name) => ({ job: 'inventory', db_operation_name }));
    if (by.includes('server_address')) return [{ job: 'storefront', server_address: '127.0.0.1', server_port: '8082' }, { job: 'orders', server_address: '127.0.0.1', server_port: '8083' }];
    if (by.includes('job')) return ['storefront', 'inventory', 'payments'].map((job) => ({ job }));
    return [{}];
  };
  const value = (query: string, index: number, s: number): string => {
    const wave = 1 + 0.3 * Math.sin(s / 400 + index) + 0.12 * Math.sin(s / 31 + index * 2);
    const quantile = Number(/histogram_quantile\(([\d.]+)/.exec(query)?.[1] ?? 0);
    if (quantile > 0) return String(0.02 * wave * (1 + index) * (quantile > 0.9 ? 8 * (quantile - 0.6) * 3 : 1));
    return String(query.includes('5..') ? 0.012 * Math.max(0, wave - 0.7) * (index + 1) : 18 * wave / (index + 1));
  };
  app.get('/api/v1/query_range', (request) => {
    const { query, start, end, step } = request.query as Record<string, string>;
    const result = groups(query ?? '').map((metric, index) => {
      const values: [number, string][] = [];
      for (let s = Number(start); s <= Number(end); s += Number(step)) values.push([s, value(query ?? '', index, s)]);
      return { metric, values };
    });
    return { status: 'success', data: { resultType: 'matrix', result } };
  });
  app.get('/api/v1/query', (request) => {
    const { query, time } = request.query as Record<string, string>;
    return { status: 'success', data: { resultType: 'vector', result: groups(query ?? '').map((metric, index) => ({ metric, value: [Number(time), value(query ?? '', index, Number(time))] })) } };
  });
  app.get('/api/v1/query_exemplars', (request) => {
    const { end } = request.query as Record<string, string>;
    return { status: 'success', data: [{ seriesLabels: {}, exemplars: [300, 700, 1100].map((ago) => ({ labels: { trace_id: 'f4a11ed0c0ffee00c0ffee0000000001' }, value: '0.2', timestamp: Number(end) - ago })) }] };
  });
  app.get('/api/v1/label/:name/values', () => ({ status: 'success', data: ['inventory', 'payments', 'storefront'] }));
};
