import { Anchor, Button, Group, Menu, Popover, SegmentedControl, Select, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { IconClock, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { api } from '../api/client';
import { useSession, useSetSession } from '../api/session';
import { toldFault } from '../part/told';
import { clockOffset, useTime } from '../value/ticker';
import { type Choice, useDuration, useZone, useZoneChoice, zoneText } from '../value/when';
import { choose, type Language, languages, ownName } from '../words/i18n';
import { usePlace } from './place';

/** Picks a language. */
export function LanguagePick() {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      fullWidth size="xs" aria-label={t('header.language')} value={i18n.language} onChange={(v) => void choose(v as Language)}
      data={languages.map((value) => ({ value, label: <span lang={value}>{ownName[value]}</span> }))}
    />
  );
}

/** Picks light, dark, or as the system has it. */
export function SchemePick() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      fullWidth size="xs" aria-label={t('header.scheme')} value={colorScheme} onChange={(v) => setColorScheme(v as typeof colorScheme)}
      data={[
        { value: 'light', label: t('header.schemeLight') },
        { value: 'dark', label: t('header.schemeDark') },
        { value: 'auto', label: t('header.schemeAuto') },
      ]}
    />
  );
}

function ZonePick() {
  const { t } = useTranslation();
  const { choice, choose: set } = useZoneChoice();
  const duration = useDuration();
  const off = clockOffset();
  return (
    <>
      <SegmentedControl
        fullWidth size="xs" aria-label={t('header.zone')} value={choice} onChange={(v) => set(v as Choice)}
        data={[
          { value: 'site', label: t('header.zoneSite') },
          { value: 'utc', label: t('header.zoneUtc') },
          { value: 'browser', label: t('header.zoneBrowser') },
        ]}
      />
      {off !== 0 && <Text size="xs">{t('header.clockOff', { by: duration(Math.abs(off)) })}</Text>}
    </>
  );
}

/** Zone, language and colours. */
export function Settings() {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>{t('header.zone')}</Text>
      <ZonePick />
      <Text size="sm" fw={600}>{t('header.language')}</Text>
      <LanguagePick />
      <Text size="sm" fw={600}>{t('header.scheme')}</Text>
      <SchemePick />
    </Stack>
  );
}

/** The settings behind a button that always says which zone is shown. */
export function SettingsMenu() {
  const { t } = useTranslation();
  const { choice } = useZoneChoice();
  const zone = useZone();
  const now = useTime();
  const name = { site: t('header.zoneSite'), utc: t('header.zoneUtc'), browser: t('header.zoneBrowser') }[choice];
  return (
    <Popover position="bottom-end" width={340} trapFocus transitionProps={{ duration: 0 }} withRoles={false}>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconClock size={16} aria-hidden />} aria-label={`${t('header.settings')}: ${choice === 'utc' ? name : `${name} ${zoneText(now, zone)}`}`}>
          <span className="pair">
            <span>{name}</span>{' '}
            {choice !== 'utc' && <bdi dir="ltr" className="quiet">{zoneText(now, zone)}</bdi>}
          </span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="md" role="dialog" aria-label={t('header.settings')}>
        <Settings />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Picks the site that is looked at, or all. */
export function SitePick({ wide = false }: { wide?: boolean }) {
  const { t } = useTranslation();
  const { sites, site, choose: set } = usePlace();
  if (sites.length === 0) return null;
  return (
    <Select
      size={wide ? 'sm' : 'xs'} w={wide ? '100%' : 180} aria-label={t('site')} searchable={sites.length > 8} allowDeselect={false}
      data={[{ value: '', label: t('allSites') }, ...sites.map((s) => ({ value: s.site, label: s.site }))]}
      value={site?.site ?? ''} onChange={(v) => set(v ?? '')} comboboxProps={{ transitionProps: { duration: 0 } }} nothingFoundMessage={t('nav.nothing')}
    />
  );
}

/** Ends the session. */
export function useLogout(): () => Promise<void> {
  const set = useSetSession();
  const [, go] = useLocation();
  return async () => {
    try {
      await api.DELETE('/v1/session');
      set(null);
      go('/');
    } catch (error) {
      toldFault(error); // the session may still be open: do not pretend
    }
  };
}

/** Who is here. */
export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const logout = useLogout();
  const name = session.label || session.person;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" size="xs" leftSection={<IconUser size={16} aria-hidden />} aria-label={t('header.user', { name })}>
          <bdi className="clip">{name}</bdi>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/account">{t('header.account')}</Menu.Item>
        <Menu.Item onClick={onKeys}>{t('header.shortcuts')}</Menu.Item>
        <Menu.Item component={Link} href="/about">{t('header.about')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void logout()}>{t('header.logout')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same as a list, for a phone. */
export function UserLinks({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const logout = useLogout();
  return (
    <Stack gap="xs">
      <Text size="sm" className="quiet"><bdi>{session.label || session.person}</bdi></Text>
      <Group>
        <Anchor component={Link} href="/account" onClick={onGo} className="tall">{t('header.account')}</Anchor>
        <Anchor component={Link} href="/about" onClick={onGo} className="tall">{t('header.about')}</Anchor>
        <Anchor component="button" type="button" onClick={() => void logout()} className="tall">{t('header.logout')}</Anchor>
      </Group>
    </Stack>
  );
}
