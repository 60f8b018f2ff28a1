import type { Signal } from '@signalbox/signals/model/signal';
import type { Environment } from './environment.js';

const OTLP_PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

/** Where one signal is sent. Headers, certificates, compression and time-outs are read from OTEL_EXPORTER_OTLP_* by the exporter. */
export interface OtlpTarget {
  readonly protocol: OtlpProtocol;
  /** For people; without user and password. */
  readonly endpoint: string;
  /** Given to the exporter; absent where OTEL_EXPORTER_OTLP_*ENDPOINT is set, which the exporter reads itself. */
  readonly url?: string;
  /** Value of the authorization header; absent where OTEL_EXPORTER_OTLP_*HEADERS has one. Never shown. */
  readonly authorization?: string;
}

/** The host is what is away or back, whatever the path of a signal. */
export function hostOf({ endpoint }: OtlpTarget): string {
  return parseUrl(endpoint)?.host ?? endpoint;
}

const HTTP_PORT = '4318';

/**
 * The target of a signal, as the specification of OTLP exporters has it: the signal's own variable goes before the
 * general one. Ours are the defaults where nothing is set (gRPC on 127.0.0.1:4317), and that an endpoint on the port
 * of OTLP over HTTP is spoken to over HTTP.
 */
export function otlpTarget(environment: Environment, signal: Signal): OtlpTarget {
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_`;
  const ownEndpoint = environment.text(`${own}ENDPOINT`);
  const given = ownEndpoint ?? environment.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const protocol = protocolOf(environment, `${own}PROTOCOL`, given);
  const authorization = authorizationOf(environment, `${own}HEADERS`);
  return {
    protocol,
    ...(given === undefined ? defaultEndpoint(protocol, signal) : { endpoint: shown(given, protocol, signal, ownEndpoint !== undefined) }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

function protocolOf(environment: Environment, own: string, endpoint: string | undefined): OtlpProtocol {
  const name = environment.text(own) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : own;
  return environment.choice(name, OTLP_PROTOCOLS, portOf(endpoint) === HTTP_PORT ? 'http/protobuf' : 'grpc');
}

function defaultEndpoint(protocol: OtlpProtocol, signal: Signal): { endpoint: string; url: string } {
  if (protocol === 'grpc') return { endpoint: 'http://127.0.0.1:4317', url: 'http://127.0.0.1:4317' };
  const url = `http://127.0.0.1:${HTTP_PORT}/v1/${signal}`;
  return { endpoint: url, url };
}

function shown(given: string, protocol: OtlpProtocol, signal: Signal, isOwn: boolean): string {
  const url = parseUrl(given);
  if (url === undefined) return given;
  url.username = '';
  url.password = '';
  url.search = '';
  const text = url.href.replace(/\/$/, '');
  return protocol === 'grpc' || isOwn ? text : `${text}/v1/${signal}`;
}

function portOf(endpoint: string | undefined): string | undefined {
  return endpoint === undefined ? undefined : parseUrl(endpoint)?.port;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) && text.includes('://') ? new URL(text) : undefined;
}

function authorizationOf(environment: Environment, own: string): string | undefined {
  const token = environment.text('SIGNALBOX_TOKEN');
  if (token === undefined) return undefined;
  const headers = [environment.text(own), environment.text('OTEL_EXPORTER_OTLP_HEADERS')];
  if (headers.some((text) => text !== undefined && /(^|,)\s*authorization\s*=/i.test(text))) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    environment.problem('SIGNALBOX_TOKEN has characters that a header cannot carry; nothing is sent as authorization. Copy the token anew from `signalbox token create`');
    return undefined;
  }
  return `Bearer ${token}`;
}
