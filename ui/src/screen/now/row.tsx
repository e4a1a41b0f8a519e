import { Anchor, VisuallyHidden } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Live, useSiteNow } from '../../live/live';
import type { SiteNow } from '../../live/store';
import { type Level, Priority } from '../../part';
import { useSentence } from '../../part/sentence';
import { Ago, Count, Money, Power } from '../../value';
import { useSay } from '../../words/code';
import { LoadBar } from './bar';
import { isOver, loadOf } from './load';
import { PriceScale } from './scale';
import { whyOf } from './why';

interface SiteRowProps {
  name: string;
  worst: Level | null;
  open: number;
}

/** One site in a row. It is drawn anew when its own site says something, and not with the others. */
export const SiteRow = memo(function SiteRow({ name, worst, open }: SiteRowProps) {
  const site = useSiteNow(name);
  return (
    <article className="site-row" aria-label={name}>
      <div className="site-name">
        <Anchor component={Link} href={`/sites/${encodeURIComponent(name)}`} fw={600} underline="hover" className="tap">
          <bdi>{name}</bdi>
        </Anchor>
        {site?.place && <bdi className="quiet small one-line" title={site.place}>{site.place}</bdi>}
        {site !== undefined && <State site={site} />}
      </div>
      {site === undefined ? <Nothing /> : <Figures site={site} />}
      <Alarms worst={worst} open={open} site={name} />
    </article>
  );
});

function Nothing() {
  const { t } = useTranslation('now');
  return <div className="site-power quiet">{t('never')}</div>;
}

function Figures({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const load = loadOf(site);
  const currency = site.currency ?? '';
  return (
    <>
      <div className="site-power">
        <Live site={site.site} block>
          <LoadBar load={load} />
          <div className="facts">
            <b><Power w={load.metered} /></b>
            <span><span className="quiet">{t('limit')}</span> <Power w={load.limit} /></span>
            <span><span className="quiet">{t('reserved')}</span> <Power w={load.reserved} /></span>
            {isOver(load) && <b className="over">{t('over')}</b>}
          </div>
        </Live>
      </div>
      <div className="site-price">
        <Live site={site.site} block>
          <PriceScale currency={currency} own={site.price_micro_per_mwh} spot={site.spot_micro_per_mwh} even={site.break_even_micro_per_mwh} />
        </Live>
      </div>
      <div className="site-margin">
        <Live site={site.site} block>
          <span className="only-phone quiet small">{t('margin')} </span>
          <b><Money micro={site.margin_per_hour_micro} currency={currency} /></b>
          <div className="small"><span className="quiet">{t('would')}</span> <Money micro={site.would_per_hour_micro} currency={currency} /></div>
        </Live>
      </div>
      <WhyLine site={site} />
    </>
  );
}

/** How far the site acts by itself, what holds it, and whether it answers. */
export function State({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const say = useSay();
  return (
    <span className="state small">
      {site.away && (
        <b className="away">
          <IconPlugConnectedX size={14} aria-hidden /> {t('away')} {site.heard !== undefined && <Ago at={site.heard} />}
        </b>
      )}
      {site.stopped && <b>{t('stopped')}</b>}
      {site.shed_only && !site.stopped && <b>{t('shedOnly')}</b>}
      <span className="quiet">{site.stage === undefined ? t('stageAll') : say('stage', site.stage)}</span>
      {site.halted && !site.stopped && !site.shed_only && <span className="quiet">{t('heldBy')} {say('held', site.halted)}</span>}
    </span>
  );
}

/** Why the last turn moves what it moves most. */
function WhyLine({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const say = useSay();
  const sentence = useSentence(site.currency ?? '');
  const why = whyOf(site);
  return (
    <div className="site-why small">
      {why === null ? (
        <span className="quiet">{t('noPlan')}</span>
      ) : (
        <Live site={site.site}>
          <bdi className="quiet">{why.use}</bdi>{' '}
          <bdi dir="ltr" className="num">
            <Power w={why.from} /> → <Power w={why.to} />
          </bdi>{' '}
          <span>{why.prices === undefined ? say('reason', why.reason) : sentence(why.prices)}</span>
        </Live>
      )}
    </div>
  );
}

function Alarms({ worst, open, site }: { worst: Level | null; open: number; site: string }) {
  const { t } = useTranslation('now');
  if (worst === null) return <div className="site-alarms quiet small">{t('noAlarms')}</div>;
  return (
    <div className="site-alarms">
      <Link href={`/alarms?site=${encodeURIComponent(site)}`} className="alarm-of">
        <VisuallyHidden>{t('alarmsOf', { count: open, worst, site })}</VisuallyHidden>
        <Live>
          <span aria-hidden><Priority level={worst} /></span>
          <b aria-hidden><Count n={open} /></b>
        </Live>
      </Link>
    </div>
  );
}
