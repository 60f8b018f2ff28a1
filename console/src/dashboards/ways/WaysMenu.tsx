import { useCallback, useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link } from '../../app/Link.js';
import { Popover } from '../../design/Popover.js';
import type { Way } from './ways.js';
import './ways.css';

/** The ways on from a number, below what it is. */
export function WaysMenu({ title, ways }: { readonly title: string; readonly ways: readonly Way[] }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => { list.current?.querySelector('a')?.focus({ preventScroll: true }); }, []);
  return (
    <div className="ways">
      <p id={id}>{title}</p>
      <div className="options" ref={list} role="group" aria-labelledby={id}>{ways.map(({ label, href }) => <Link key={label} href={href}>{label}</Link>)}</div>
    </div>
  );
}

/** A number that opens the ways on from it. */
export function NumberWays({ title, ways, children, align = 'start' }: { readonly title: string; readonly ways: readonly Way[]; readonly children: ReactNode; readonly align?: 'start' | 'end' }) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => { setOpen(false); }, []);
  return (
    <Popover open={open} close={close} label={title} align={align}
      trigger={<button type="button" className="number-ways" title="Its traces and log lines" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(!open); }}>{children}</button>}>
      <WaysMenu title={title} ways={ways} />
    </Popover>
  );
}
