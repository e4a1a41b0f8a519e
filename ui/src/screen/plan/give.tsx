import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api/schema';
import { Count, Money, Power, Price, When } from '../../value';

export type Preview = components['schemas']['LivePreview'];

/** Who would give way for a limit, how much, and what it costs. */
export function Give({ of, zone, currency }: { of: Preview; zone: string; currency: string }) {
  const { t } = useTranslation('plan');
  const coin = of.loss.currency || currency;
  const facts = [
    [t('give.limit'), <Power w={of.limit_w} />],
    [t('give.span'), <><When at={of.from} zone={zone} named />{of.until === undefined ? <> – {t('give.open')}</> : <> – <When at={of.until} zone={zone} named /></>}</>],
    [t('give.reserved'), <Power w={of.reserved_w} />],
    [t('give.metered'), <Power w={of.metered_known ? of.metered_w : null} />],
    [t('give.need'), <b><Power w={of.need_w} /></b>],
    [t('give.machines'), <><Power w={of.machines_give_w} /> · <Count n={of.machines} unit={t('give.pieces')} /></>],
    [t('give.asleep'), <Count n={of.machines_to_sleep} />],
    [t('give.halls'), <Power w={of.gpu_halls_give_w} />],
    [t('give.loss'), <b><Money micro={of.loss.known ? of.loss.per_hour : null} currency={coin} /></b>],
  ];
  if (of.until !== undefined) facts.push([t('give.total'), <Money micro={of.loss.known ? of.loss.total : null} currency={coin} />]);
  if (of.not_counted_on_w > 0) facts.push([t('give.beyond'), <Power w={of.not_counted_on_w} />]);
  if (of.short_w > 0) facts.push([t('give.short'), <b><Power w={of.short_w} /></b>]);
  return (
    <Stack gap="sm" data-preview="1">
      <dl className="facts">
        {facts.map(([name, value], i) => [<dt key={`t${i}`}>{name}</dt>, <dd key={`d${i}`}>{value}</dd>])}
      </dl>
      {of.instruction_in_force && <Text size="sm" fw={600}>{t('give.firm')}</Text>}
      <Steps of={of} coin={coin} />
      {(of.gpu_halls ?? []).length > 0 && (
        <dl className="facts">
          {(of.gpu_halls ?? []).map((h) => [
            <dt key={`t${h.hall}`}><bdi>{h.hall}</bdi></dt>,
            <dd key={`d${h.hall}`}><Power w={h.draw_w} /> → <Power w={h.draw_w - h.gives_w} /></dd>,
          ])}
        </dl>
      )}
      <Text size="sm" className="quiet">{t('give.assumed')}</Text>
      <ul className="quiet" dir="auto">
        {(of.assumed ?? []).map((a) => (
          <li key={a}><Text size="sm">{a}</Text></li>
        ))}
      </ul>
    </Stack>
  );
}

/** The steps, what earns least first. */
function Steps({ of, coin }: { of: Preview; coin: string }) {
  const { t } = useTranslation('plan');
  const steps = of.steps ?? [];
  if (steps.length === 0) return <Text size="sm">{t('give.nobody')}</Text>;
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={t('give.steps')}>
      <table className="sheet">
        <caption className="quiet">{t('give.steps')}</caption>
        <thead>
          <tr>
            <th scope="col" className="end">{t('col.order')}</th>
            <th scope="col">{t('col.use')}</th>
            <th scope="col">{t('col.hall')}</th>
            <th scope="col" className="end">{t('col.machines')}</th>
            <th scope="col" className="end">{t('col.each')}</th>
            <th scope="col" className="end">{t('col.gives')}</th>
            <th scope="col" className="end">{t('col.worth')}</th>
            <th scope="col" className="end">{t('col.loss')}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((s, i) => (
            <tr key={i}>
              <td className="end"><Count n={i + 1} /></td>
              <td><bdi>{s.use}</bdi></td>
              <td><bdi>{s.hall ?? '–'}</bdi></td>
              <td className="end"><Count n={s.machines} /></td>
              <td className="end"><Power w={s.from_w} /> → <Power w={s.to_w} /></td>
              <td className="end"><Power w={s.gives_w} /></td>
              <td className="end"><Price micro={of.loss.known ? s.worth : null} currency={coin} /></td>
              <td className="end"><Money micro={of.loss.known ? s.loss_per_hour : null} currency={coin} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
