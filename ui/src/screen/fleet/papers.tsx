import { Code, Text } from '@mantine/core';
import { IconCheck, IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../part';
import { Power } from '../../value';
import { useZone, When, zoneText } from '../../value/when';
import type { Machine } from './machine';

/** What it was told, and what its power showed of it. A yes alone proves nothing. */
export function Orders({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const zone = useZone();
  const orders = m.orders ?? [];
  const word = (kind: 'verb' | 'cause' | 'answer', code: string | undefined) => (code ? t(`order.${kind}.${code}` as 'order.verb.sleep', { defaultValue: code.replaceAll('_', ' ') }) : '');
  return (
    <Panel title={t('order.title')} actions={m.last_answer && <Text size="xs" className="quiet">{t('order.last')} {word('answer', m.last_answer.class)} <bdi>{m.last_answer.text}</bdi> · <When at={m.last_answer.at} /></Text>}>
      {orders.length === 0 ? (
        <Text size="sm" className="quiet">{t('order.none')}</Text>
      ) : (
        <div className="scroll-x tall-list" tabIndex={0} role="region" aria-label={t('order.title')}>
          <table className="grid-plain">
            <thead>
              <tr>
                <th scope="col">{t('order.at')} <bdi className="quiet">{zoneText(Date.parse(orders[0]!.at), zone)}</bdi></th>
                <th scope="col">{t('order.what')}</th>
                <th scope="col">{t('order.for')}</th>
                <th scope="col" data-end>{t('col.target')}</th>
                <th scope="col">{t('order.said')}</th>
                <th scope="col">{t('order.proof')}</th>
                <th scope="col" data-end>{t('order.effect')}</th>
              </tr>
            </thead>
            <tbody>
              {orders.map((o) => (
                <tr key={o.key} title={`${o.key} · ${o.hash}`}>
                  <td><When at={o.at} seconds /></td>
                  <td>{o.verb ? word('verb', o.verb) : t('order.nothing')} <bdi className="quiet">{o.mode}</bdi></td>
                  <td>{word('cause', o.cause)}</td>
                  <td data-end><Power w={o.target_w} unit="kW" /></td>
                  <td>{word('answer', o.answer)}</td>
                  <td>
                    {o.proven ? (
                      <span className="state"><IconCheck size={14} aria-hidden /><When at={o.proven_at} show="clock" seconds /></span>
                    ) : (
                      <span className="state quiet"><IconClock size={14} aria-hidden />{t('order.until')} <When at={o.expected_by} show="clock" seconds /></span>
                    )}
                  </td>
                  <td data-end>{o.proven ? <Power w={o.proven_power_w} unit="kW" /> : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** What the journal holds of it, as it was kept. */
export function Records({ m }: { m: Machine }) {
  const { t } = useTranslation('fleet');
  const all = m.history ?? [];
  return (
    <Panel title={t('record.title')} actions={m.looked_back_to && <Text size="xs" className="quiet">{t('record.to')} <When at={m.looked_back_to} named /></Text>}>
      {all.length === 0 && <Text size="sm" className="quiet">{t('record.none')}</Text>}
      <div className="tall-list" tabIndex={0} role="region" aria-label={t('record.title')}>
      {all.map((r) => (
        <details key={r.key} className="record">
          <summary>
            <When at={r.at} seconds /> · {t(`record.kind.${r.kind}` as 'record.kind.order', { defaultValue: r.kind })}
          </summary>
          <Text size="xs" className="quiet wrap"><bdi dir="ltr">{r.key} · {r.hash}</bdi></Text>
          <Code block dir="ltr" tabIndex={0}>{JSON.stringify(r.body, null, 1)}</Code>
        </details>
      ))}
      </div>
    </Panel>
  );
}
