const VALID = /^[a-zA-Z0-9]$/;
const RESERVED = /^__.*__$/s;

/**
 * An attribute's key as a label name of letters, digits and underscores: every run of other characters becomes one
 * underscore, a leading digit gets `key_` in front, and names of the form `__name__` keep their double underscores.
 * Source: prometheus/otlptranslator 1.0 (LabelNamer), which Prometheus' and Loki's OTLP endpoints both use.
 *
 * Where nothing but underscores would remain those endpoints refuse the request; here the key's UTF-8 bytes in hex make
 * a name (`key_e697a5`), so that no attribute is lost and two of them stay apart.
 */
export function labelName(key: string): string {
  const reserved = key.length >= 4 && RESERVED.test(key);
  const escaped = collapse(reserved ? key.slice(2, -2) : key);
  const name = reserved ? `__${escaped}__` : escaped;
  if (/^_*$/.test(name)) return `key_${Buffer.from(key, 'utf8').toString('hex')}`;
  return /^[0-9]/.test(name) ? `key_${name}` : name;
}

function collapse(key: string): string {
  let out = '';
  let gap = false;
  for (const char of key) {
    if (VALID.test(char)) {
      out += char;
      gap = false;
    } else if (!gap) {
      out += '_';
      gap = true;
    }
  }
  return out;
}
