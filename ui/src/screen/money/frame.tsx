import './money.css';

import { Anchor, Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';

import { type Got, useGet } from '../../api/query';
import { Loaded, Page } from '../../part';
import { useNamed } from '../../part/params';
import { dayIn, type Kind, kindOf, kinds, nameOf, type Span, spansOf } from './span';

export type Book = NonNullable<Got<'/v1/books'>['books']>[number];

/** The screens of books, in their order. */
const parts = ['statement', 'cost', 'accounts', 'transactions', 'invoices', 'treasury', 'closing'] as const;

/** The path of a part of books; the period goes along. */
export function useBookPath(): (part: string, more?: Record<string, string>) => string {
  const { book = '' } = useNamed();
  const [params] = useSearchParams();
  return (part, more = {}) => {
    const query = new URLSearchParams();
    for (const key of ['from', 'to']) if (params.get(key)) query.set(key, params.get(key)!);
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    const tail = query.size === 0 ? '' : `?${query}`;
    return `/books/${encodeURIComponent(book)}${part === 'statement' ? '' : `/${part}`}${tail}`;
  };
}

/** The period of the address, as the server is asked. */
export function usePeriod(): { from?: string; to?: string } {
  const [params] = useSearchParams();
  const from = params.get('from');
  const to = params.get('to');
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

interface FrameProps {
  title: string;
  says?: string;
  /** Which part of the books it is, or belongs to. */
  part: (typeof parts)[number];
  /** The ways back between its part of the books and this; absent: it is the part itself. */
  trail?: readonly { name: string; path: string }[];
  /** The period can be chosen. */
  period?: boolean;
  actions?: ReactNode;
  children: (book: Book) => ReactNode;
}

/** The frame of everything that is of one company's books. */
export function BookFrame({ title, says, part, trail, period = false, actions, children }: FrameProps) {
  const { t } = useTranslation('money');
  const { book: name = '' } = useNamed();
  const path = useBookPath();
  const books = useGet('/v1/books');
  const book = books.data?.books?.find((b) => b.name === name);
  const back = [{ name: t('books.title'), path: '/money' }, { name, path: path('statement') }, ...(trail === undefined ? [] : [{ name: t(`part.${part}`), path: path(part) }, ...trail])];
  return (
    <Page title={title} {...(says === undefined ? {} : { says })} actions={actions}>
      <nav className="trail noprint" aria-label={t('trail')}>
        {back.map((b) => (
          <Anchor key={b.path + b.name} component={Link} href={b.path} fz="sm"><bdi>{b.name}</bdi></Anchor>
        ))}
      </nav>
      <nav className="parts noprint" aria-label={t('parts')}>
        {parts.map((p) => (
          <Link key={p} href={path(p)} aria-current={p === part ? 'page' : undefined}>{t(`part.${p}`)}</Link>
        ))}
      </nav>
      <Loaded of={books}>
        {() => (book === undefined ? <p>{t('books.none')}</p> : (
          <>
            {period && <PeriodChooser book={book} />}
            {children(book)}
          </>
        ))}
      </Loaded>
    </Page>
  );
}

/** The days of which something is booked; null: there are none. */
function bookedOf(book: Book): Span | null {
  return book.from === undefined || book.to === undefined ? null : { from: dayIn(book.from, book.zone), to: dayIn(book.to, book.zone) };
}

/** Chooses a month, a quarter, a year, all, or two days. It stands in the address. */
function PeriodChooser({ book }: { book: Book }) {
  const { t } = useTranslation('money');
  const [params, setParams] = useSearchParams();
  const from = params.get('from') ?? '';
  const to = params.get('to') ?? '';
  const booked = bookedOf(book);
  const own = params.get('period') === 'own';
  const kind: Kind = own ? 'own' : kindOf(from, to);
  const set = (span: Span, mine = false) =>
    setParams((was) => {
      const next = new URLSearchParams(was);
      for (const [key, value] of Object.entries({ ...span, period: mine ? 'own' : '' })) if (value === '') next.delete(key); else next.set(key, value);
      return next;
    }, { replace: true });
  if (booked === null) return null;
  const choose = (next: Kind) => {
    if (next === 'all') set({ from: '', to: '' });
    else if (next === 'own') set({ from: from || booked.from, to: to || booked.to }, true);
    else set(spansOf(next, booked)[0]!);
  };
  return (
    <Group gap="xs" className="noprint" align="flex-end">
      <SegmentedControl size="xs" aria-label={t('period.kind')} value={kind} onChange={(v) => choose(v as Kind)} data={kinds.map((value) => ({ value, label: t(`period.${value}`) }))} />
      {(kind === 'month' || kind === 'quarter' || kind === 'year') && (
        <Select
          size="xs" w={120} aria-label={t('period.which')} allowDeselect={false} value={from} onChange={(v) => { const span = spansOf(kind, booked).find((s) => s.from === v); if (span !== undefined) set(span); }}
          data={spansOf(kind, booked).map((span) => ({ value: span.from, label: nameOf(kind, span) }))}
        />
      )}
      {kind === 'own' && (
        <>
          <TextInput size="xs" type="date" label={t('period.from')} value={from} max={to || undefined} onChange={(e) => { if (e.currentTarget.value) set({ from: e.currentTarget.value, to }, true); }} />
          <TextInput size="xs" type="date" label={t('period.to')} value={to} min={from || undefined} onChange={(e) => { if (e.currentTarget.value) set({ from, to: e.currentTarget.value }, true); }} />
        </>
      )}
    </Group>
  );
}

/** Of what a statement is: company, days, zone and currency. */
export function Heading({ of }: { of: { company: string; currency: string; zone: string; from: string; to: string; transactions?: number } }) {
  const { t } = useTranslation('money');
  return (
    <p className="heading">
      <bdi><b>{of.company}</b></bdi> · <bdi dir="ltr" className="num">{dayIn(of.from, of.zone)} – {dayIn(new Date(Date.parse(of.to) - 1).toISOString(), of.zone)}</bdi> · <bdi dir="ltr">{of.zone}</bdi> · {t('in', { currency: of.currency })}
    </p>
  );
}
