import { event } from './trace-writer.js';
import type { TraceWriter } from './trace-writer.js';

export const FAILED_TRACE = 'f4a11ed0c0ffee00c0ffee0000000001';
export const LINKED_TRACE = '11de0ade00000000b47c400000000001';

const products = ['coffee', 'teapot', 'kettle', 'grinder', 'mug'] as const;

/** One request to the shop. `fail` makes the payment be declined. */
export function checkout(trace: TraceWriter, startMs: number, fail: boolean, rootId?: string): void {
  const { random } = trace;
  const product = random.pick(products);
  const order = `A-${Math.floor(random.between(1000, 9999))}`;
  const slow = random.chance(0.06) ? random.between(4, 14) : 1;
  const at = (ms: number): number => startMs + ms * slow;
  const total = random.duration(170) + (fail ? 60 : 0);
  const stack = `PaymentDeclined: card declined: insufficient funds\n    at charge (/app/payments/charge.js:41:11)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)\n    at async handler (/app/payments/server.js:27:20)\n    at async Layer.handleRequest (/app/node_modules/router/lib/layer.js:152:17)`;

  const root = trace.span({
    service: 'storefront', name: 'POST /checkout', kind: 2, parent: '', startMs, durationMs: total * slow, ...(rootId === undefined ? {} : { spanId: rootId }),
    values: { 'http.request.method': 'POST', 'http.route': '/checkout', 'http.response.status_code': fail ? 502n : 201n, 'url.path': '/checkout', 'url.scheme': 'http', 'server.address': '127.0.0.1', 'server.port': 8080n, 'user_agent.original': 'shop-load/1.0', 'client.address': '127.0.0.1', 'enduser.id': `u${Math.floor(random.between(10, 99))}` },
    ...(fail ? { error: 'the payment was declined' } : {}),
  });
  trace.log('storefront', 'info', at(1.2), 'checkout started', root, { 'order.id': order, product });
  const middleware = trace.span({ service: 'storefront', name: 'middleware - jsonParser', kind: 1, parent: root, startMs: at(0.6), durationMs: 0.4 * slow, values: { 'express.name': 'jsonParser', 'express.type': 'middleware' } });
  trace.log('storefront', 'debug', at(0.9), 'body parsed, 214 bytes', middleware);
  const call = trace.span({ service: 'storefront', name: 'orders.Orders/Place', kind: 3, parent: root, startMs: at(3), durationMs: (total - 8) * slow, values: { 'rpc.system': 'grpc', 'rpc.service': 'orders.Orders', 'rpc.method': 'Place', 'rpc.grpc.status_code': fail ? 9n : 0n, 'server.address': '127.0.0.1', 'server.port': 9090n }, ...(fail ? { error: '9 FAILED_PRECONDITION: payment declined' } : {}) });
  const place = trace.span({
    service: 'orders', name: 'orders.Orders/Place', kind: 2, parent: call, startMs: at(4.5), durationMs: (total - 11) * slow, values: { 'rpc.system': 'grpc', 'rpc.service': 'orders.Orders', 'rpc.method': 'Place', 'order.id': order, 'order.items': ['coffee', product], 'order.total': 49.9 },
    ...(fail ? { error: '9 FAILED_PRECONDITION: payment declined' } : {}), events: [event(at(5), 'order validated', { 'order.lines': 2n })],
  });
  trace.log('orders', 'info', at(5), `placing order ${order} for 2 items`, place, { 'order.id': order });
  const reserve = trace.span({ service: 'orders', name: 'POST', kind: 3, parent: place, startMs: at(7), durationMs: 34 * slow, values: { 'http.request.method': 'POST', 'url.full': 'http://127.0.0.1:8082/reserve', 'server.address': '127.0.0.1', 'server.port': 8082n, 'http.response.status_code': 200n } });
  const reserved = trace.span({ service: 'inventory', name: 'POST /reserve', kind: 2, parent: reserve, startMs: at(8), durationMs: 31 * slow, values: { 'http.request.method': 'POST', 'http.route': '/reserve', 'http.response.status_code': 200n } });
  trace.span({ service: 'inventory', name: 'pg-pool.connect', kind: 3, parent: reserved, startMs: at(9), durationMs: 2 * slow, values: { 'db.system.name': 'postgresql', 'db.namespace': 'shop' } });
  for (const [offset, statement] of [[12, 'SELECT stock FROM products WHERE sku = $1 FOR UPDATE'], [19, 'UPDATE products SET stock = stock - 1 WHERE sku = $1'], [27, 'INSERT INTO reservations (sku, order_id) VALUES ($1, $2)']] as const) {
    trace.span({ service: 'inventory', name: `${statement.split(' ', 1)[0]} shop`, kind: 3, parent: reserved, startMs: at(offset), durationMs: random.between(3, 6.5) * slow, values: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': statement, 'db.operation.name': statement.split(' ', 1)[0] ?? '', 'server.address': '127.0.0.1', 'server.port': 5432n } });
  }
  trace.log('inventory', slow > 1 ? 'warn' : 'debug', at(30), slow > 1 ? 'lock on products held for long' : 'reserved 1 item', reserved, { sku: product });
  const charge = trace.span({ service: 'orders', name: 'POST', kind: 3, parent: place, startMs: at(46), durationMs: (total - 66) * slow, values: { 'http.request.method': 'POST', 'url.full': 'http://127.0.0.1:8083/charge', 'server.address': '127.0.0.1', 'server.port': 8083n, 'http.response.status_code': fail ? 402n : 200n }, ...(fail ? { error: '402' } : {}) });
  const charged = trace.span({
    service: 'payments', name: 'POST /charge', kind: 2, parent: charge, startMs: at(47), durationMs: Math.max(2, total - 69) * slow, values: { 'http.request.method': 'POST', 'http.route': '/charge', 'http.response.status_code': fail ? 402n : 200n, 'payment.provider': 'acme', 'payment.amount': 49.9, 'payment.retry': false },
    ...(fail ? { error: 'card declined: insufficient funds', events: [event(at(total - 28), 'exception', { 'exception.type': 'PaymentDeclined', 'exception.message': 'card declined: insufficient funds', 'exception.stacktrace': stack })] } : {}),
  });
  trace.log('payments', 'info', at(48), 'charging card •••• 4242', charged, { 'payment.provider': 'acme' });
  if (fail) {
    trace.log('payments', 'error', at(total - 28), 'charge failed: card declined: insufficient funds', charged, { 'exception.type': 'PaymentDeclined', 'exception.stacktrace': stack });
    trace.log('orders', 'warn', at(total - 16), `order ${order} cancelled, releasing the reservation`, place, { 'order.id': order });
    trace.log('storefront', 'error', at(total - 3), 'checkout failed: the payment was declined', root, { 'order.id': order, 'http.response.status_code': 502n });
  } else {
    trace.log('orders', 'info', at(total - 14), `order ${order} placed`, place, { 'order.id': order });
  }
}

/** A page of the shop. */
export function browse(trace: TraceWriter, startMs: number, rootId?: string): void {
  const { random } = trace;
  const total = random.duration(14);
  const product = random.pick(products);
  const missing = random.chance(0.03);
  const root = trace.span({ service: 'storefront', name: 'GET /products/:sku', kind: 2, parent: '', startMs, durationMs: total, ...(rootId === undefined ? {} : { spanId: rootId }), values: { 'http.request.method': 'GET', 'http.route': '/products/:sku', 'http.response.status_code': missing ? 404n : 200n, 'url.path': `/products/${product}` } });
  const call = trace.span({ service: 'storefront', name: 'GET', kind: 3, parent: root, startMs: startMs + 1, durationMs: total - 2.5, values: { 'http.request.method': 'GET', 'url.full': `http://127.0.0.1:8082/stock/${product}` } });
  const stock = trace.span({ service: 'inventory', name: 'GET /stock/:sku', kind: 2, parent: call, startMs: startMs + 1.6, durationMs: total - 4, values: { 'http.request.method': 'GET', 'http.route': '/stock/:sku', 'http.response.status_code': missing ? 404n : 200n } });
  trace.span({ service: 'inventory', name: 'SELECT shop', kind: 3, parent: stock, startMs: startMs + 2, durationMs: Math.max(0.4, total - 5.5), values: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT name, stock FROM products WHERE sku = $1' } });
  trace.log('storefront', missing ? 'warn' : 'info', startMs + total - 0.5, `GET /products/${product} ${missing ? 404 : 200}`, root);
}

/** A consumer that settles payments of several traces, with links to them, and a part whose parent never arrived. */
export function settlement(trace: TraceWriter, startMs: number, linked: readonly { readonly traceId: string; readonly spanId: string }[]): void {
  const root = trace.span({
    service: 'settlement', name: 'process payments.settled', kind: 5, parent: '', startMs, durationMs: 420, values: { 'messaging.system': 'kafka', 'messaging.batch.message_count': BigInt(linked.length), 'messaging.destination.name': 'payments.settled' },
    links: linked.map((link) => ({ ...link, traceState: '', attributes: [], droppedAttributesCount: 0, flags: 1 })),
  });
  trace.span({ service: 'settlement', name: 'write ledger', kind: 1, parent: root, startMs: startMs + 30, durationMs: 250 });
  trace.span({ service: 'archive', name: 'PUT /settlements', kind: 2, parent: 'dead00000000beef', startMs: startMs + 300, durationMs: 90 });
}
