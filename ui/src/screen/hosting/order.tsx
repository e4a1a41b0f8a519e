import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { type Column, Loaded, Table } from '../../part';
import { Count, Money, Power, Price, Share, useDuration } from '../../value';
import { useSay } from '../../words/code';
import type { HallGiver } from './read';

/** Columns of what one job or server gives. */
export function useGiverColumns(currency: string): readonly Column<HallGiver & { n: number }>[] {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const last = useDuration();
  return useMemo((): Column<HallGiver & { n: number }>[] => [
    { key: 'n', head: t('order.rank'), width: '56px', end: true, cell: (g) => <Count n={g.n} /> },
    { key: 'item', head: t('order.item'), width: 'minmax(180px, 1.5fr)', cell: (g) => <bdi dir="ltr" className="num">{g.item}</bdi> },
    { key: 'contract', head: t('contracts.contract'), width: 'minmax(100px, 1fr)', cell: (g) => <><bdi>{g.contract ?? ''}</bdi>{g.firm && <b> · {t('order.firm')}</b>}</> },
    { key: 'saves', head: t('order.saves'), width: '100px', end: true, cell: (g) => <Power w={g.saves_w} unit="kW" /> },
    { key: 'cost', head: t('order.cost'), width: '120px', end: true, cell: (g) => <Money micro={g.cost} currency={currency} /> },
    { key: 'per', head: t('order.per'), width: '160px', end: true, cell: (g) => (g.cost_per_kw === undefined ? <span className="quiet">–</span> : <Price micro={g.cost_per_kw} currency={currency} per="kW" />) },
    {
      key: 'lever', head: t('order.lever'), width: 'minmax(230px, 1.6fr)',
      cell: (g) => <>{say('lever', g.lever)}{g.limit_w !== undefined && <> <Power w={g.limit_w} unit="W" /></>}{g.slow_ppm !== undefined && <span className="quiet"> −<Share of={g.slow_ppm / 1e6} /> {t('order.speed')}</span>}</>,
    },
    { key: 'gpus', head: t('col.gpus'), width: '110px', end: true, cell: (g) => (g.gpus === undefined ? null : <Count n={g.gpus} />) },
    { key: 'shown', head: t('order.shown'), width: '110px', end: true, cell: (g) => last(g.shown_s * 1000) },
  ], [t, say, last, currency]);
}

/** In which order jobs would go if the hall had to fall as low as it can. */
export function Order({ hall, currency }: { hall: string; currency: string }) {
  const { t } = useTranslation('hosting');
  const order = useGet('/v1/halls/{hall}/order', { params: { path: { hall } } }, { staleTime: 30_000 });
  const columns = useGiverColumns(currency);
  return (
    <>
      <Text size="sm" className="quiet" mb="sm" maw="75ch">{t('order.says')}</Text>
      <Loaded of={order}>
        {({ goes }) => <Table label={t('order.title')} columns={columns} rows={(goes ?? []).map((g, i) => ({ ...g, n: i + 1 }))} rowKey={(g) => `${g.n} ${g.item}`} height={440} />}
      </Loaded>
    </>
  );
}
