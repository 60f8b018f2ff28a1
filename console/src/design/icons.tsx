import type { ReactNode } from 'react';

function Icon({ children, size = 16 }: { readonly children: ReactNode; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const SunIcon = () => <Icon><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" /></Icon>;
export const MoonIcon = () => <Icon><path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" /></Icon>;
export const AutoIcon = () => <Icon><circle cx="8" cy="8" r="5.5" /><path d="M8 2.5v11A5.5 5.5 0 0 0 8 2.5Z" fill="currentColor" stroke="none" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="7" cy="7" r="4.3" /><path d="m10.3 10.3 3.4 3.4" /></Icon>;
export const ReloadIcon = () => <Icon><path d="M13.3 8a5.3 5.3 0 1 1-1.6-3.8M13.5 1.9v2.9h-2.9" /></Icon>;
export const ClockIcon = () => <Icon><circle cx="8" cy="8" r="5.7" /><path d="M8 4.8V8l2.2 1.4" /></Icon>;
export const CopyIcon = () => <Icon size={14}><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M3.6 10.5h-.1a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v.1" /></Icon>;
export const CheckIcon = () => <Icon size={14}><path d="m3 8.5 3.2 3L13 4.6" /></Icon>;
export const DownIcon = () => <Icon size={12}><path d="m3.5 6 4.5 4.5L12.5 6" /></Icon>;
export const DownloadIcon = () => <Icon size={14}><path d="M8 2v8M4.8 7.2 8 10.4l3.2-3.2M2.5 13.5h11" /></Icon>;
export const CrossIcon = () => <Icon size={14}><path d="m4 4 8 8M12 4l-8 8" /></Icon>;
export const SignOutIcon = () => <Icon><path d="M6.5 13.5h-3a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h3M10.5 11l3-3-3-3M13.3 8H6.5" /></Icon>;
export const EmptyIcon = () => <Icon size={40}><path d="M4 13.5V2.5M4 3.5h7.5L10 5.6l1.5 2.1H4" strokeWidth=".9" /><path d="M2 13.5h12" strokeWidth=".9" /></Icon>;
