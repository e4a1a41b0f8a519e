import './trust.css';

import { IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useGet } from '../../api/query';
import { count } from '../../value/format';

/** How many requests wait for somebody else than who asked; nothing while none does. Read anew by the event of requests. */
export function RequestBadge() {
  const { t, i18n } = useTranslation('trust');
  const { data } = useGet('/v1/requests', undefined, { refetchInterval: 60_000 });
  const waiting = (data?.requests ?? []).filter((q) => q.state === 'open' && !q.mine).length;
  if (waiting === 0) return null;
  const n = count(waiting, i18n.language);
  return (
    <Link href="/requests" className="waits" aria-label={t('badge', { count: waiting, n })} data-requests={waiting}>
      <IconUsers size={20} aria-hidden /> <b className="num">{n}</b>
    </Link>
  );
}
