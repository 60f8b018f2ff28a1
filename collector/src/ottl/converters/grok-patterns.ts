const H = '[0-9A-Fa-f]{1,4}';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
/** Those that go on furthest come first, since the first alternative that fits is taken. */
const IPV6 = [
  `(?:(?:${H}:){6}|(?:(?:${H}:){1,5}:|::)(?:${H}:){0,4})${IPV4}`,
  `(?:${H}:){7}${H}`,
  ...[1, 2, 3, 4, 5, 6].map((before) => `(?:${H}:){1,${before}}(?::${H}){1,${7 - before}}`),
  `:(?::${H}){1,7}`, `(?:${H}:){1,7}:`, '::',
].join('|');

/** Patterns of one thing each, by the names that grok knows them by; they may name one another. */
const PATTERNS: Readonly<Record<string, string>> = {
  WORD: '\\b\\w+\\b', NOTSPACE: '\\S+', SPACE: '\\s*', DATA: '.*?', GREEDYDATA: '.*',
  INT: '[-+]?\\d+', POSINT: '\\b[1-9]\\d*\\b', NONNEGINT: '\\b\\d+\\b', BASE10NUM: '[-+]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)', NUMBER: '%{BASE10NUM}', BOOL: 'true|false',
  BASE16NUM: '[-+]?(?:0x)?[0-9A-Fa-f]+', BASE16FLOAT: '[-+]?(?:0x)?(?:[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?|\\.[0-9A-Fa-f]+)',
  QUOTEDSTRING: '"(?:[^"\\\\]|\\\\.)*"|\'(?:[^\'\\\\]|\\\\.)*\'', QS: '%{QUOTEDSTRING}', UUID: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', URN: 'urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[^\\s"<>\\\\^`{|}]+',

  IPV4, IPV6: `(?:${IPV6})(?:%\\w+)?`, IP: '%{IPV6}|%{IPV4}',
  HOSTNAME: '\\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\\.|\\b)', IPORHOST: '%{IP}|%{HOSTNAME}', HOSTPORT: '%{IPORHOST}:%{POSINT}',
  USERNAME: '[a-zA-Z0-9._-]+', USER: '%{USERNAME}', EMAILLOCALPART: '[a-zA-Z][\\w.+:=-]*', EMAILADDRESS: '%{EMAILLOCALPART}@%{HOSTNAME}',
  CISCOMAC: '(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}', WINDOWSMAC: '(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}', COMMONMAC: '(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}', MAC: '%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}',

  UNIXPATH: '(?:/[\\w_%!$@:.,+~-]+)+', TTY: '/dev/(?:pts/|tty[pq]?\\w*/?)\\d+', WINPATH: '[A-Za-z]+:(?:\\\\[^\\\\?*]+)+', PATH: '%{UNIXPATH}|%{WINPATH}',
  URIPROTO: '[A-Za-z][A-Za-z0-9+.-]+', URIHOST: '%{IPORHOST}(?::%{POSINT})?', URIPATH: "(?:/[\\w$.+!*'(){},~:;=@#%&-]+)+", URIQUERY: "[\\w$.+!*'|(){},~@#%&/=:;?\\[\\]<>-]*", URIPARAM: '\\?%{URIQUERY}', URIPATHPARAM: '%{URIPATH}(?:%{URIPARAM})?',
  URI: '%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?%{URIHOST}(?:%{URIPATHPARAM})?',

  MONTH: '\\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b',
  DAY: '\\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\\b',
  MONTHNUM: '0[1-9]|1[0-2]', MONTHDAY: '0[1-9]|[12]\\d|3[01]|[1-9]', YEAR: '\\d\\d(?:\\d\\d)?', HOUR: '2[0-3]|[01]?\\d', MINUTE: '[0-5]\\d', SECOND: '(?:[0-5]\\d|60)(?:[:.,]\\d+)?', TIME: '%{HOUR}:%{MINUTE}(?::%{SECOND})?',
  DATE_US: '%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}', DATE_EU: '%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}', DATE: '%{DATE_US}|%{DATE_EU}', DATESTAMP: '%{DATE}[- ]%{TIME}', TZ: '[PMACE][SED]T|UTC',
  ISO8601_TIMEZONE: 'Z|[+-]%{HOUR}(?::?%{MINUTE})', ISO8601_SECOND: '%{SECOND}', TIMESTAMP_ISO8601: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?',
  DATESTAMP_RFC822: '%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}', DATESTAMP_RFC2822: '%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}', DATESTAMP_OTHER: '%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}',
  DATESTAMP_EVENTLOG: '%{YEAR}%{MONTHNUM}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}', SYSLOGTIMESTAMP: '%{MONTH} +%{MONTHDAY} %{TIME}', HTTPDATE: '%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}',

  PROG: '[!-Z\\\\^-~]+', SYSLOGPROG: '%{PROG}(?:\\[\\d+\\])?', SYSLOGHOST: '%{IPORHOST}', SYSLOGFACILITY: '<%{NONNEGINT}\\.%{NONNEGINT}>',
  LOGLEVEL: '(?i)(?:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?)',
};

export const GROK_PATTERNS: ReadonlyMap<string, string> = new Map(Object.entries(PATTERNS));
