import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Power, When } from '../../value';
import type { HallDetail, HallNow } from './read';

/** What the market of the site gives a hall: budgets, a bound, or nothing. */
export function Market({ hall, market, known }: { hall: HallNow; market: HallDetail['market']; known: boolean }) {
  const { t } = useTranslation('hosting');
  if (market?.silent === true) return <span className="ho-mark" data-warn>{t('market.silent')}</span>;
  if (hall.budget_w !== undefined) {
    return (
      <>
        {t('market.gives')} <Power w={hall.budget_w} />
        {hall.budget_until !== undefined && <Text size="xs" className="quiet">{t('market.until')} <When at={hall.budget_until} show="clock" /></Text>}
      </>
    );
  }
  if (!known) return null;
  return (
    <>
      <span>{t('market.none')}</span>
      <Text size="xs" className="quiet">{market === undefined ? t('market.mute') : t('market.uses', { count: market.uses })}</Text>
    </>
  );
}
