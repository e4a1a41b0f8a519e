import { Switch } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { Loaded, Panel } from '../../part';
import { When } from '../../value/when';
import { useSay } from '../../words/code';
import { CloseMonth, Release, TakeBack } from './close';
import { type Book, BookFrame, useBookPath } from './frame';
import { dayIn } from './span';

/** What waits before a period can be closed, and what is locked. */
export default function Closing() {
  const { t } = useTranslation('money');
  return (
    <BookFrame title={t('closing.title')} says={t('closing.says')} part="closing">
      {(b) => (
        <>
          <Suspense of={b} />
          <CloseMonth of={b} />
          <Periods of={b} />
        </>
      )}
    </BookFrame>
  );
}

function Suspense({ of }: { of: Book }) {
  const { name: book, zone } = of;
  const { t } = useTranslation('money');
  const say = useSay();
  const path = useBookPath();
  const [all, setAll] = useState(false);
  const suspense = useGet('/v1/books/{book}/suspense', { params: { path: { book }, ...(all ? { query: { all } } : {}) } }, { keep: true });
  return (
    <Panel title={t('suspense.title')} actions={<Switch size="xs" label={t('suspense.all')} checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />}>
      <Loaded of={suspense}>
        {({ parked }) => ((parked ?? []).length === 0 ? <p className="quiet">{t('suspense.none')}</p> : (
          <div className="wide">
            <table className="ledger">
              <thead><tr><th scope="col">{t('suspense.at')}</th><th scope="col">{t('suspense.what')}</th><th scope="col">{t('suspense.why')}</th><th scope="col">{t('evidence.paper')}</th><th scope="col">{t('suspense.released')}</th><td /></tr></thead>
              <tbody>
                {(parked ?? []).map((p) => (
                  <tr key={p.id}>
                    <td><When at={p.at} zone={zone} /></td>
                    <td>{say('parked', p.kind)}</td>
                    <td>{say('parkReason', p.reason)} <bdi className="quiet">{p.says}</bdi></td>
                    <td>{p.evidence && <Link href={path(`evidence/${p.evidence}`)}>{t('evidence.paper')}</Link>}</td>
                    <td>{p.released === undefined ? t('suspense.open') : <><When at={p.released} zone={zone} /> · <bdi>{p.by}</bdi> <bdi className="quiet">{p.why}</bdi></>}</td>
                    <td>{p.released === undefined && <Release of={of} id={p.id} says={p.says} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </Loaded>
    </Panel>
  );
}

function Periods({ of }: { of: Book }) {
  const { name: book, zone } = of;
  const { t } = useTranslation('money');
  const periods = useGet('/v1/books/{book}/periods', { params: { path: { book } } });
  const last = (to: string) => dayIn(new Date(Date.parse(to) - 1).toISOString(), zone);
  return (
    <Panel title={t('periods.title')}>
      <Loaded of={periods}>
        {(p) => (
          <>
            <p className="heading">{p.locked === undefined ? t('periods.open') : <>{t('periods.until')} <b><bdi dir="ltr" className="num">{last(p.locked)}</bdi></b></>}</p>
            {(p.locks ?? []).length > 0 && (
              <div className="wide">
                <table className="ledger">
                  <thead><tr><th scope="col">{t('periods.number')}</th><th scope="col">{t('periods.what')}</th><th scope="col">{t('periods.days')}</th><th scope="col">{t('periods.at')}</th><th scope="col">{t('periods.by')}</th><th scope="col">{t('periods.reason')}</th><th scope="col">{t('periods.root')}</th><td /></tr></thead>
                  <tbody>
                    {(p.locks ?? []).map((l) => (
                      <tr key={l.number}>
                        <td><bdi className="num">{l.number}</bdi></td>
                        <td><span className="pair">{l.unlocks === undefined ? <IconLock size={15} aria-hidden /> : <IconLockOpen size={15} aria-hidden />}{l.unlocks !== undefined ? t('periods.unlock', { n: l.unlocks }) : l.stands ? t('periods.lock') : t('periods.gone')}</span></td>
                        <td><bdi dir="ltr" className="num">{dayIn(l.from, zone)} – {last(l.to)}</bdi></td>
                        <td><When at={l.at} zone={zone} /></td>
                        <td><bdi>{[l.by, l.and].filter(Boolean).join(', ')}</bdi></td>
                        <td><bdi>{l.reason}</bdi></td>
                        <td><bdi dir="ltr" className="hash" title={l.root}>{l.root?.slice(0, 16)}</bdi></td>
                        <td>{l.stands && l.to === p.locked && <TakeBack of={of} lock={l.number} />}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
