import './now.css';

import { Anchor, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { useLive } from '../../live/live';
import { Page, useHold, Wait } from '../../part';
import { levelsOf, openBySite, worstFirst } from './rank';
import { SiteRow } from './row';
import { Totals } from './totals';

/** How many sites there have to be for a field that searches them. */
const many = 12;

/** All sites on one page: the span of control. */
export default function Now() {
  const { t } = useTranslation('now');
  const alarms = useGet('/v1/alarms');
  const list = alarms.data?.alarms ?? undefined;
  const open = useMemo(() => openBySite(list ?? []), [list]);
  const counts = useMemo(() => levelsOf(list), [list]);
  const seeded = useLive((state) => state.stretch > 0 && state.sites.size > 0);
  const lost = useLive((state) => state.lost !== null);
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim().toLowerCase());
  // A text stays the same while the order does, so that a second without news draws no row.
  const order = useLive((state) => worstFirst([...state.sites.values()].map((kept) => kept.value), open).join('\n'));
  const names = useMemo(() => (order === '' ? [] : order.split('\n')), [order]);
  const shown = useMemo(() => names.filter((name) => name.toLowerCase().includes(wanted)), [names, wanted]);
  useHold(!seeded && !lost);
  return (
    <Page
      title={t('title')}
      says={t('says')}
      actions={
        <>
          {names.length > 0 && <Anchor component={Link} href="/map" fz="sm" className="tap">{t('map.title')}</Anchor>}
          {names.length > many && (
            <TextInput
              value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder={t('search')} aria-label={t('search')}
              leftSection={<IconSearch size={16} aria-hidden />}
            />
          )}
        </>
      }
    >
      {names.length === 0 ? <Empty waits={!seeded && !lost} /> : (
        <>
          <Totals counts={counts} />
          <Rows names={shown} open={open} />
        </>
      )}
    </Page>
  );
}

function Empty({ waits }: { waits: boolean }) {
  const { t } = useTranslation('now');
  return waits ? <Wait /> : <p className="panel blank">{t('noSites')}</p>;
}

/** The rows in sight of all rows. */
function Rows({ names, open }: { names: readonly string[]; open: ReturnType<typeof openBySite> }) {
  const { t } = useTranslation('now');
  const box = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(box.current === null ? 0 : box.current.getBoundingClientRect().top + window.scrollY), [names.length]);
  const virtual = useWindowVirtualizer({
    count: names.length, estimateSize: () => 92, overscan: 6, scrollMargin: top, getItemKey: (i) => names[i] ?? i,
  });
  return (
    <section className="panel sites" aria-label={t('sites')}>
      <div className="site-row site-head small quiet" aria-hidden>
        <span className="site-name">{t('site')}</span>
        <span className="site-power">{t('head.power')}</span>
        <span className="site-price">{t('head.price')}</span>
        <span className="site-margin">{t('margin')}</span>
        <span className="site-alarms">{t('head.alarms')}</span>
      </div>
      {names.length === 0 && <p className="blank quiet">{t('noneFound')}</p>}
      <ul ref={box} className="site-list" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const name = names[item.index]!;
          const of = open.get(name);
          return (
            <li
              key={item.key} data-index={item.index} ref={virtual.measureElement} aria-setsize={names.length} aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}
            >
              <SiteRow name={name} worst={of?.worst ?? null} open={of?.count ?? 0} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
