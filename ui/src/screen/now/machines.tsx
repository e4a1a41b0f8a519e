import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import type { SiteNow } from '../../live/store';
import { Count, Hash, None, Power, When } from '../../value';
import { useSay } from '../../words/code';

type Trouble = components['schemas']['LiveTroubleStatus'];

/** The mining groups: what they draw, what is ordered and planned, and why. */
export function Fleets({ site }: { site: SiteNow }) {
  const { t } = useTranslation('now');
  const say = useSay();
  const uses = site.uses ?? [];
  if (uses.length === 0) return <Text size="sm" className="quiet">{t('fleets.none')}</Text>;
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={t('fleets.title')}>
      <table className="plain">
        <thead>
          <tr>
            <th>{t('fleets.use')}</th><th className="end">{t('diagram.draw')}</th><th className="end">{t('diagram.target')}</th><th className="end">{t('fleets.planned')}</th>
            <th className="end">{t('machines')}</th><th className="end">{t('fleets.hash')}</th><th>{t('fleets.why')}</th>
          </tr>
        </thead>
        <tbody>
          {uses.map((use) => (
            <tr key={use.use}>
              <th scope="row"><bdi>{use.use}</bdi></th>
              <td className="end"><Power w={use.machines > 0 ? use.draw_w : null} /></td>
              <td className="end"><Power w={use.machines > 0 ? use.target_w : null} /></td>
              <td className="end"><Power w={use.planned_w} /></td>
              <td className="end">{use.machines > 0 ? <><Count n={use.running} /> <span className="quiet">/ <Count n={use.machines} /></span></> : <None />}</td>
              <td className="end"><Hash ghs={use.machines > 0 ? use.hash_ghs : null} /></td>
              <td>{use.reason ? say('reason', use.reason) : <span className="quiet">{t('noPlan')}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Why machines do not rise: how many, by reason. */
export function Held({ why }: { why: Readonly<Record<string, number>> }) {
  const { t } = useTranslation('now');
  const say = useSay();
  const rows = Object.entries(why).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return <Text size="sm" className="quiet">{t('held.none')}</Text>;
  return (
    <table className="plain">
      <thead><tr><th>{t('held.why')}</th><th className="end">{t('held.count')}</th></tr></thead>
      <tbody>
        {rows.map(([reason, n]) => (
          <tr key={reason}><th scope="row">{say('held', reason)}</th><td className="end"><Count n={n} /></td></tr>
        ))}
      </tbody>
    </table>
  );
}

const most = 50;

/** Machines that need somebody, and what to do. */
export function Troubles({ site, list }: { site: SiteNow; list: readonly Trouble[] }) {
  const { t } = useTranslation('now');
  const say = useSay();
  if (list.length === 0) return <Text size="sm" className="quiet">{t('troubles.none')}</Text>;
  return (
    <ul className="troubles">
      {list.slice(0, most).map((trouble) => (
        <li key={`${trouble.machine} ${trouble.code}`}>
          <div>
            <b>{say('trouble', trouble.code)}</b> <bdi>{trouble.machine}</bdi> <span className="quiet small"><bdi>{say('family', trouble.family)}</bdi></span>
          </div>
          <div className="small">{say.more('trouble', trouble.code)}</div>
          <div className="small quiet">{t('since')} <When at={trouble.since} zone={site.zone} named /></div>
        </li>
      ))}
      {list.length > most && <li className="quiet small">{t('troubles.more', { count: list.length - most, n: list.length - most })}</li>}
    </ul>
  );
}
