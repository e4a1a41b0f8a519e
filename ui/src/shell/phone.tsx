import { Drawer, Stack, UnstyledButton } from '@mantine/core';
import { IconBell, IconHandStop, IconMenu2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { alarmsPath } from '../routes';
import { GroupIcon, Nav } from './nav';
import { inGroup, useOpen } from './place';
import { Settings, SitePick, UserLinks } from './settings';

/** The bar at the foot of a phone: what somebody in a hall needs at once, and all else behind the last button. */
export function PhoneBar() {
  const { t } = useTranslation();
  const open = useOpen();
  const [path] = useLocation();
  const [more, setMore] = useState(false);
  const close = () => setMore(false);
  const has = (to: string) => open.some((o) => o.path === to);
  return (
    <>
      <nav aria-label={t('nav.main')} className="phone-bar">
        {(['now', 'plan'] as const).map((group) => {
          const first = inGroup(open, group)[0];
          return (
            first && (
              <Link key={group} href={first.path} className="phone-link" aria-current={first.path === path ? 'page' : undefined}>
                <GroupIcon group={group} />
                {t(`group.${group}`)}
              </Link>
            )
          );
        })}
        {has(alarmsPath) && (
          <Link href={alarmsPath} className="phone-link" aria-current={path === alarmsPath ? 'page' : undefined}>
            <IconBell size={20} stroke={1.6} aria-hidden />
            {t('keys.alarms')}
          </Link>
        )}
        {has('/stop') && (
          <Link href="/stop" className="phone-link" aria-current={path === '/stop' ? 'page' : undefined}>
            <IconHandStop size={20} stroke={1.6} aria-hidden />
            {t('header.stop')}
          </Link>
        )}
        <UnstyledButton className="phone-link" onClick={() => setMore(true)} aria-expanded={more}>
          <IconMenu2 size={20} stroke={1.6} aria-hidden />
          {t('nav.more')}
        </UnstyledButton>
      </nav>
      <Drawer opened={more} onClose={close} title={t('nav.more')} position="bottom" size="85%" closeButtonProps={{ 'aria-label': t('close') }}>
        <Stack>
          <SitePick wide />
          <Nav onGo={close} />
          <Settings />
          <UserLinks onGo={close} />
        </Stack>
      </Drawer>
    </>
  );
}
