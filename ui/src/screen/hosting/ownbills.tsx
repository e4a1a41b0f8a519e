import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Loaded } from '../../part';
import { Plain } from '../../part/plain';
import { Money, When } from '../../value';
import { useSay } from '../../words/code';

/** Invoices and notes to a tenant. */
export function OwnBills({ tenant }: { tenant: string }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const bills = useGet('/v1/tenants/{tenant}/bills', { params: { path: { tenant } } });
  return (
    <Loaded of={bills}>
      {({ shown, bills: all }) => {
        if (!shown) return <Text size="sm" className="quiet">{t('bills.elsewhere')}</Text>;
        if ((all ?? []).length === 0) return <Text size="sm" className="quiet">{t('bills.none')}</Text>;
        return (
          <Plain label={t('bills.title')}>
            <thead>
              <tr>
                <th scope="col">{t('bills.number')}</th>
                <th scope="col">{t('bills.kind')}</th>
                <th scope="col">{t('bills.issued')}</th>
                <th scope="col">{t('bills.period')}</th>
                <th scope="col" data-end>{t('bills.total')}</th>
                <th scope="col" data-end>{t('bills.open')}</th>
                <th scope="col">{t('own.state')}</th>
              </tr>
            </thead>
            <tbody>
              {(all ?? []).map((b) => (
                <tr key={`${b.book} ${b.number}`}>
                  <th scope="row"><bdi dir="ltr">{b.number}</bdi>{b.refers_to !== undefined && <Text size="xs" className="quiet">{t('bills.to')} <bdi dir="ltr">{b.refers_to}</bdi></Text>}</th>
                  <td>{say('invoice', b.kind)}</td>
                  <td data-one><When at={b.issued} show="date" /></td>
                  <td data-one><When at={b.from} show="date" /> – <When at={b.to} show="date" /></td>
                  <td data-end><Money micro={b.total} currency={b.currency} exact /></td>
                  <td data-end><Money micro={b.open} currency={b.currency} exact /></td>
                  <td>{say('invoiceState', b.state)}</td>
                </tr>
              ))}
            </tbody>
          </Plain>
        );
      }}
    </Loaded>
  );
}
