import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault, Loaded, told } from '../../part';
import { Plain } from '../../part/plain';
import { Count, Power, Share, Value, When } from '../../value';
import { useSay } from '../../words/code';
import { useOwn } from './own';

interface Of {
  tenant: string;
  hall: string;
}

/** What was agreed with a tenant. */
export function OwnContracts({ tenant, hall }: Of) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  return (
    <Loaded of={useOwn('contracts', tenant, hall)}>
      {(all) =>
        all.length === 0 ? <Text size="sm" className="quiet">{t('contracts.none')}</Text> : (
          <Plain label={t('contracts.title')}>
            <thead>
              <tr>
                <th scope="col">{t('contracts.contract')}</th>
                <th scope="col">{t('contracts.kind')}</th>
                <th scope="col" data-end>{t('wishes.size')}</th>
                <th scope="col" data-end>{t('own.price')}</th>
                <th scope="col" data-end>{t('own.slowdown')}</th>
                <th scope="col" data-end>{t('own.grace')}</th>
                <th scope="col">{t('wishes.from')}</th>
                <th scope="col">{t('wishes.until')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((c) => (
                <tr key={c.name}>
                  <th scope="row"><bdi>{c.name}</bdi>{!c.known && <Text size="xs" className="quiet">{t('own.unknown')}</Text>}</th>
                  <td>{c.kind === '' ? null : say('contract', c.kind)}</td>
                  <td data-end data-one>{c.power_w > 0 ? <Power w={c.power_w} /> : <Count n={c.gpus} unit="GPU" />}<Text size="xs" className="quiet"><bdi dir="ltr">{c.model}</bdi></Text></td>
                  <td data-end data-one><Value of={c.price === '' ? null : Number(c.price)} unit={c.power_w > 0 ? t('own.perKw') : t('own.perHour')} /></td>
                  <td data-end><Share of={c.slowdown === '' ? null : Number(c.slowdown)} /></td>
                  <td data-end data-one><Value of={c.grace_s} unit="s" /></td>
                  <td data-one><When at={c.from} /></td>
                  <td data-one>{c.until === null ? t('wishes.open') : <When at={c.until} />}</td>
                </tr>
              ))}
            </tbody>
          </Plain>
        )
      }
    </Loaded>
  );
}

/** Curtailments that come, are on, and were. */
export function OwnCurtailments({ tenant, hall }: Of) {
  const { t } = useTranslation('hosting');
  return (
    <Loaded of={useOwn('curtailments', tenant, hall)}>
      {(all) =>
        all.length === 0 ? <Text size="sm" className="quiet">{t('own.noCurtailments')}</Text> : (
          <Plain label={t('own.curtailments')}>
            <thead>
              <tr>
                <th scope="col">{t('own.state')}</th>
                <th scope="col">{t('contracts.contract')}</th>
                <th scope="col">{t('wishes.from')}</th>
                <th scope="col">{t('wishes.until')}</th>
                <th scope="col" data-end>{t('col.gpus')}</th>
                <th scope="col">{t('own.measure')}</th>
                <th scope="col">{t('own.told')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((c) => (
                <tr key={`${c.event} ${c.contract} ${c.from}`}>
                  <td>{t(`own.when.${c.state}` as 'own.when.on', { defaultValue: c.state })}</td>
                  <td><bdi>{c.contract}</bdi></td>
                  <td data-one><When at={c.from} /></td>
                  <td data-one><When at={c.until} /></td>
                  <td data-end><Count n={c.gpus} /></td>
                  <td><bdi>{c.measure}</bdi> <Text size="xs" className="quiet" dir="auto">{c.says}</Text></td>
                  <td data-one><When at={c.given} /></td>
                </tr>
              ))}
            </tbody>
          </Plain>
        )
      }
    </Loaded>
  );
}

/** What a tenant asked to reserve, and the answers. */
export function OwnReservations({ tenant, hall, reserves }: Of & { reserves: boolean }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  return (
    <Loaded of={useOwn('reservations', tenant, hall)}>
      {(all) =>
        all.length === 0 ? <Text size="sm" className="quiet">{t('own.noReservations')}</Text> : (
          <Plain label={t('wishes.title')}>
            <thead>
              <tr>
                <th scope="col">{t('own.key')}</th>
                <th scope="col">{t('own.state')}</th>
                <th scope="col">{t('contracts.kind')}</th>
                <th scope="col" data-end>{t('wishes.size')}</th>
                <th scope="col">{t('wishes.from')}</th>
                <th scope="col">{t('wishes.until')}</th>
                <th scope="col">{t('contracts.contract')}</th>
                {reserves && <th scope="col">{t('ask.takeBack')}</th>}
              </tr>
            </thead>
            <tbody>
              {all.map((r) => (
                <tr key={r.id}>
                  <th scope="row"><bdi>{r.key}</bdi></th>
                  <td>{say('reservation', r.state)}{r.why !== '' && <Text size="xs" className="quiet" dir="auto">{r.why}</Text>}</td>
                  <td>{say('contract', r.kind)}</td>
                  <td data-end data-one>{r.kw ? <Value of={r.kw} unit="kW" /> : <Count n={r.gpus} unit="GPU" />}</td>
                  <td data-one><When at={r.from} /></td>
                  <td data-one>{r.until ? <When at={r.until} /> : t('wishes.open')}</td>
                  <td><bdi>{r.contract}</bdi></td>
                  {reserves && <td>{r.state === 'asked' && <TakeBack tenant={tenant} hall={hall} id={r.id} />}</td>}
                </tr>
              ))}
            </tbody>
          </Plain>
        )
      }
    </Loaded>
  );
}

/** Takes a wish back that nobody has answered yet. */
function TakeBack({ tenant, hall, id }: Of & { id: string }) {
  const { t } = useTranslation('hosting');
  const cancel = useDo(
    async () => {
      await dataOf(api.POST('/v1/tenants/{tenant}/reservations/{id}/cancel', { params: { path: { tenant, id }, query: { hall } } }));
      told(t('ask.cancelled'));
    },
    '/v1/tenants/{tenant}/reservations',
  );
  return (
    <>
      <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(undefined)} data-cancel={id}>{t('ask.cancel')}</Button>
      {cancel.error !== null && <Fault error={cancel.error} />}
    </>
  );
}

/** A tenant's accounts in the engines, without secrets. */
export function OwnAccess({ tenant, hall }: Of) {
  const { t } = useTranslation('hosting');
  return (
    <Loaded of={useOwn('access', tenant, hall)}>
      {(all) =>
        all.length === 0 ? <Text size="sm" className="quiet">{t('own.noAccess')}</Text> : (
          <Plain label={t('own.access')}>
            <thead>
              <tr>
                <th scope="col">{t('col.engine')}</th>
                <th scope="col">{t('own.account')}</th>
                <th scope="col">{t('own.queue')}</th>
                <th scope="col">{t('own.endpoint')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((a) => (
                <tr key={`${a.engine} ${a.account}`} data-quiet={a.ended === null ? undefined : ''}>
                  <td><bdi>{a.engine}</bdi></td>
                  <td><bdi dir="ltr">{a.account}</bdi>{a.ended !== null && <Text size="xs">{t('own.ended')} <When at={a.ended} /></Text>}</td>
                  <td><bdi dir="ltr">{a.queue}</bdi></td>
                  <td><bdi dir="ltr">{a.endpoint}</bdi></td>
                </tr>
              ))}
            </tbody>
          </Plain>
        )
      }
    </Loaded>
  );
}
