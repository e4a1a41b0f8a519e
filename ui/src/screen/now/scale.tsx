import { useTranslation } from 'react-i18next';

import { price } from '../../value/format';
import { Price } from '../../value';

interface ScaleProps {
  currency: string;
  /** What one more MWh is worth to the site. */
  own: string | undefined;
  spot: string | undefined;
  /** The price at which machines would change what they do. */
  even: string | undefined;
}

/** Where a price stands, in per cent: break-even is the middle, nothing and twice of it are the ends. */
export function placeOf(micro: string, even: string): number {
  const middle = Number(even);
  if (middle <= 0) return 50;
  return Math.min(100, Math.max(0, (Number(micro) / middle) * 50));
}

/** The price of a site against its break-even: under the middle power pays, above it does not. */
export function PriceScale({ currency, own, spot, even }: ScaleProps) {
  const { t, i18n } = useTranslation('now');
  const say = (micro: string | undefined) => {
    if (micro === undefined) return t('unknown');
    const { text, unit } = price(micro, currency, i18n.language);
    return `${text} ${unit}`;
  };
  return (
    <div className="price">
      {even !== undefined && Number(even) > 0 && (
        <div className="scale" dir="ltr" role="img" aria-label={t('scale.label', { own: say(own), spot: say(spot), even: say(even) })}>
          <i className="scale-line" />
          <i className="scale-even" />
          {spot !== undefined && <i className="scale-spot" style={{ left: `${placeOf(spot, even)}%` }} />}
          {own !== undefined && <i className="scale-own" style={{ left: `${placeOf(own, even)}%` }} />}
        </div>
      )}
      <div className="facts">
        <span className="fact"><i className="key scale-own" aria-hidden /><span className="quiet">{t('scale.own')}</span> <Price micro={own} currency={currency} /></span>
        <span className="fact"><i className="key scale-even" aria-hidden /><span className="quiet">{t('scale.even')}</span> <Price micro={even} currency={currency} /></span>
        <span className="fact"><i className="key scale-spot" aria-hidden /><span className="quiet">{t('scale.spot')}</span> <Price micro={spot} currency={currency} /></span>
      </div>
    </div>
  );
}
