import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Span, TracesData } from '@signalbox/signals/model/span';

/**
 * A small shop's telemetry, for trying queries and for the tests of everything that reads: a trace of a failed order
 * over three services, one that went well, and log lines of the first. Times are given by whoever asks.
 */

export const FAILED_TRACE = '0af7651916cd43dd8448eb211c80319c';
export const GOOD_TRACE = '00000000000000001234567890abcdef';

const MS = 1_000_000n;

export function attributes(values: Readonly<Record<string, AnyValue>>): Attributes {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function exampleTraces(startNs: bigint): TracesData {
  const failed = { traceId: FAILED_TRACE };
  return {
    resourceSpans: [
      resource('storefront', { 'host.name': 'web-1' }, [
        span({
          ...failed, spanId: 'b7ad6b7169203331', name: 'POST /orders', kind: 2, startNs, endNs: startNs + 250n * MS, status: { code: 2, message: 'payment declined' },
          attributes: attributes({ 'http.request.method': 'POST', 'http.response.status_code': 500n, 'user.vip': true, 'cart.total': 12.5, 'cart.items': ['tea', 'jam'] }),
        }),
        span({
          traceId: GOOD_TRACE, spanId: '00f067aa0ba902b7', name: 'GET /products', kind: 2, startNs: startNs + 1000n * MS, endNs: startNs + 1020n * MS,
          attributes: attributes({ 'http.request.method': 'GET', 'http.response.status_code': 200n }), status: { code: 1, message: '' },
        }),
      ]),
      resource('orders', { 'host.name': 'app-1', 'process.pid': 4242n }, [
        span({
          ...failed, spanId: 'c7ad6b7169203332', parentSpanId: 'b7ad6b7169203331', name: 'orders.Orders/Place', kind: 3, startNs: startNs + 10n * MS, endNs: startNs + 240n * MS,
          status: { code: 2, message: '' }, traceState: 'shop=1',
          events: [{
            timeNs: startNs + 200n * MS, name: 'exception', droppedAttributesCount: 0,
            attributes: attributes({ 'exception.type': 'PaymentError', 'exception.message': 'card declined' }),
          }],
          links: [{ traceId: GOOD_TRACE, spanId: '00f067aa0ba902b7', traceState: '', attributes: [], droppedAttributesCount: 0, flags: 0 }],
        }),
      ]),
      resource('payments', { 'host.name': 'app-2' }, [
        span({
          ...failed, spanId: 'd7ad6b7169203333', parentSpanId: 'c7ad6b7169203332', name: 'charge', kind: 1, startNs: startNs + 20n * MS, endNs: startNs + 190n * MS,
          status: { code: 2, message: 'card declined' }, attributes: attributes({ 'payment.provider': 'żabka', 'payment.attempt': 2n, 'http.response.status_code': '500' }),
        }),
      ]),
    ],
  };
}

export function exampleLogs(startNs: bigint): LogsData {
  const inTrace = (spanId: string) => ({ traceId: FAILED_TRACE, spanId });
  return {
    resourceLogs: [
      {
        resource: { attributes: attributes({ 'service.name': 'payments', 'host.name': 'app-2' }), droppedAttributesCount: 0 }, schemaUrl: '',
        scopeLogs: [{
          scope: { name: 'winston', version: '3', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '',
          logRecords: [
            record({ timeNs: startNs + 100n * MS, body: 'charging card 4111', severityNumber: 9, severityText: 'info', ...inTrace('d7ad6b7169203333') }),
            record({ timeNs: startNs + 190n * MS, body: 'card declined: no "credit"', severityNumber: 17, severityText: 'error', ...inTrace('d7ad6b7169203333'), attributes: attributes({ 'order.id': 7n }) }),
            record({ timeNs: startNs + 1500n * MS, body: 'cache refreshed', severityNumber: 9, severityText: 'info' }),
          ],
        }],
      },
      {
        resource: { attributes: attributes({ 'service.name': 'storefront' }), droppedAttributesCount: 0 }, schemaUrl: '',
        scopeLogs: [{
          scope: null, schemaUrl: '',
          logRecords: [record({ timeNs: startNs + 245n * MS, body: 'order failed', severityNumber: 17, severityText: 'error', ...inTrace('b7ad6b7169203331') })],
        }],
      },
    ],
  };
}

function resource(service: string, more: Readonly<Record<string, AnyValue>>, spans: readonly Span[]): TracesData['resourceSpans'][number] {
  return {
    resource: { attributes: attributes({ 'service.name': service, ...more }), droppedAttributesCount: 0 }, schemaUrl: '',
    scopeSpans: [{ scope: { name: 'shop', version: '1.2', attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', spans }],
  };
}

function span(fields: Partial<Span> & Pick<Span, 'traceId' | 'spanId' | 'name'>): Span {
  return {
    traceState: '', parentSpanId: '', flags: 1, kind: 1, startNs: 0n, endNs: 0n, attributes: [], droppedAttributesCount: 0,
    events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, ...fields,
  };
}

function record(fields: Partial<LogRecord>): LogRecord {
  return {
    timeNs: 0n, observedTimeNs: 0n, severityNumber: 0, severityText: '', body: null, attributes: [], droppedAttributesCount: 0, flags: 0,
    traceId: '', spanId: '', eventName: '', ...fields,
  };
}
