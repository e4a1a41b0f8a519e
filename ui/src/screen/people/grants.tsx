import { useTranslation } from 'react-i18next';

import { useSay } from '../../words/code';
import { type Grant, grantKey } from './read';

/** A role and where it holds. */
export function GrantText({ of }: { of: Grant }) {
  const { t } = useTranslation('people');
  const say = useSay();
  return (
    <span>
      {say('role', of.role)} <span className="quiet">· {of.tenant ? <>{t('ofTenant')} <bdi>{of.tenant}</bdi></> : of.site ? <bdi>{of.site}</bdi> : t('everywhere')}{of.tenant && of.site ? <> · <bdi>{of.site}</bdi></> : null}</span>
    </span>
  );
}

/** Several of them, one below the other. */
export function Grants({ of }: { of: readonly Grant[] | null | undefined }) {
  const { t } = useTranslation('people');
  if (of === null || of === undefined || of.length === 0) return <span className="quiet">{t('noRole')}</span>;
  return <>{of.map((g) => <div key={grantKey(g)}><GrantText of={g} /></div>)}</>;
}
