const RESERVED = /^__.*__$/s;

/**
 * An attribute's key as Prometheus' OTLP endpoint names the label by default: every character but letters, digits and
 * underscores becomes an underscore, a leading digit gets `key_` in front, and a single leading underscore gets `key`.
 * Source: prometheus/otlptranslator 1.0 (LabelNamer) with the defaults of Prometheus' configuration (`otlp:`), which
 * keeps runs of underscores.
 */
export function prometheusLabelName(key: string): string {
  const escaped = key.replace(/[^a-zA-Z0-9_]/gu, '_');
  return legal(escaped.startsWith('_') && !escaped.startsWith('__') ? `key${escaped}` : escaped, key);
}

/**
 * An attribute's key as Loki's OTLP endpoint names the label: every run of characters but letters and digits becomes one
 * underscore, a leading digit gets `key_` in front, and names of the form `__name__` keep their double underscores.
 * Source: prometheus/otlptranslator 1.0 (LabelNamer), as loki 3.7 uses it (pkg/loghttp/push/otlp.go).
 */
export function lokiLabelName(key: string): string {
  const reserved = key.length >= 4 && RESERVED.test(key);
  const escaped = (reserved ? key.slice(2, -2) : key).replace(/[^a-zA-Z0-9]+/g, '_');
  return legal(reserved ? `__${escaped}__` : escaped, key);
}

/**
 * Where nothing but underscores would remain those endpoints refuse the request; here the key's UTF-8 bytes in hex make
 * a name (`key_e697a5`), so that no attribute is lost and two of them stay apart.
 */
function legal(name: string, key: string): string {
  if (/^(?:key)?_*$/.test(name) && !/^[a-zA-Z0-9]/.test(key)) return `key_${Buffer.from(key, 'utf8').toString('hex')}`;
  return /^[0-9]/.test(name) ? `key_${name}` : name;
}
