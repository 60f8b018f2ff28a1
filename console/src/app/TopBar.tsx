import { useState, useSyncExternalStore } from 'react';
import type { FormEvent } from 'react';
import { useClient } from '../api/context.js';
import { AutoIcon, MoonIcon, SignOutIcon, SunIcon } from '../design/icons.js';
import { useTheme } from '../design/theme.js';
import type { Theme } from '../design/theme.js';
import { Link } from './Link.js';
import { Mark } from './Mark.js';
import { navigate } from './place.js';

const pages = [
  { href: '/traces', label: 'Traces', of: /^\/traces?(\/|$)/ },
  { href: '/dashboards', label: 'Dashboards', of: /^\/dashboards(\/|$)/ },
  { href: '/explore', label: 'Metrics', of: /^\/explore$/ },
  { href: '/logs', label: 'Logs', of: /^\/logs$/ },
  { href: '/status', label: 'Status', of: /^\/status$/ },
] as const;

const nextTheme: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const themeIcon: Readonly<Record<Theme, () => React.JSX.Element>> = { auto: AutoIcon, light: SunIcon, dark: MoonIcon };
const themeName: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

export function TopBar({ path }: { readonly path: string }) {
  const [theme, setTheme] = useTheme();
  const { session } = useClient();
  const { token } = useSyncExternalStore(session.subscribe, session.state);
  const Icon = themeIcon[theme];
  const label = `Theme: ${themeName[theme]}. Change to ${themeName[nextTheme[theme]]}`;
  return (
    <header className="topbar">
      <Link className="brand" href="/traces"><Mark /> <span>Signalbox</span></Link>
      <nav aria-label="Views">
        {pages.map((page) => <Link key={page.href} href={page.href} aria-current={page.of.test(path) ? 'page' : undefined}>{page.label}</Link>)}
      </nav>
      <span className="spacer" />
      <TraceJump />
      <button type="button" className="button quiet icon" aria-label={label} title={label} onClick={() => { setTheme(nextTheme[theme]); }}><Icon /></button>
      {token !== null && <button type="button" className="button quiet icon" aria-label="Forget the token" title="Forget the token" onClick={() => { session.signOut(); }}><SignOutIcon /></button>}
    </header>
  );
}

/** Opens a trace by its id. */
function TraceJump() {
  const [text, setText] = useState('');
  const id = text.trim().toLowerCase();
  const valid = /^[0-9a-f]{1,32}$/.test(id);
  const open = (event: FormEvent): void => {
    event.preventDefault();
    if (!valid) return;
    setText('');
    navigate(`/trace/${id.padStart(32, '0')}`);
  };
  return (
    <form onSubmit={open} role="search">
      <input className="input jump" aria-label="Open a trace by its id" placeholder="Open a trace by its id" value={text} spellCheck={false}
        aria-invalid={text !== '' && !valid} title={text !== '' && !valid ? 'A trace id has up to 32 hexadecimal digits' : undefined} onChange={(event) => { setText(event.target.value); }} />
    </form>
  );
}
