import './shell.css';

import { ActionIcon, AppShell, Box, Button, Tooltip } from '@mantine/core';
import { IconHandStop, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Redirect, Route as At, Switch, useLocation } from 'wouter';

import { may, useSession } from '../api/session';
import { Wait } from '../part/loaded';
import { Proof } from '../part/proof';
import { routes } from '../routes';
import Missing from '../screen/entry/missing';
import markUrl from '../theme/mark.svg';
import { Boundary } from './boundary';
import { CrumbProvider, Crumbs } from './crumbs';
import { KeysHelp, useKeys } from './keys';
import { Nav } from './nav';
import { PhoneBar } from './phone';
import { inGroup, useOpen } from './place';
import { Search, openSearch } from './search';
import { SettingsMenu, SitePick, UserMenu } from './settings';
import { RequestBadge } from '../screen/trust/badge';
import { AlarmBadge, Clock, LiveState } from './state';

const screens = routes.map((route) => ({ route, Screen: lazy(route.load) }));

/** The frame around every screen. */
export function Shell() {
  const { t } = useTranslation();
  const session = useSession();
  const [help, setHelp] = useState(false);
  useKeys(() => setHelp(true));
  const demo = session.demo ?? '';
  return (
    <CrumbProvider>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <AppShell
        layout="default" padding="md" transitionDuration={0} header={{ height: demo === '' ? 56 : 84 }}
        navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: true } }} footer={{ height: { base: 56, sm: 0 } }}
      >
        <AppShell.Header>
          {demo !== '' && (
            <div className="demo" data-demo="1">
              <span>
                <b>{t('simulated')}</b> · <bdi>{demo}</bdi>
              </span>
            </div>
          )}
          <Header onKeys={() => setHelp(true)} />
        </AppShell.Header>
        <AppShell.Navbar>
          <Box visibleFrom="sm" h="100%"><Nav /></Box>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          <NewBuild />
          <Crumbs />
          <Screens />
        </AppShell.Main>
        <AppShell.Footer hiddenFrom="sm">
          <PhoneBar />
        </AppShell.Footer>
      </AppShell>
      <Search />
      <KeysHelp opened={help} onClose={() => setHelp(false)} />
      <Proof />
    </CrumbProvider>
  );
}

function Header({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const looks = may(session, 'look');
  return (
    <div className="header">
      <Link href="/" className="brand" aria-label={t('name')}>
        <img src={markUrl} alt="" width={26} height={26} />
        <Box component="span" visibleFrom="lg">{t('name')}</Box>
      </Link>
      <Box visibleFrom="sm"><SitePick /></Box>
      {looks && <LiveState />}
      <div className="grow" />
      {looks && <AlarmBadge />}
      <RequestBadge />
      <Box visibleFrom="md"><Clock /></Box>
      <Box visibleFrom="sm"><SettingsMenu /></Box>
      <Tooltip label={t('nav.searchKeys')}>
        <ActionIcon onClick={openSearch} aria-label={t('nav.search')}>
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Box visibleFrom="sm"><UserMenu onKeys={onKeys} /></Box>
      {may(session, 'stop') && (
        <Link href="/stop" className="stop" data-stop="1">
          <IconHandStop size={20} aria-hidden />
          {t('header.stop')}
        </Link>
      )}
    </div>
  );
}

/** Asks to reload when the program behind the page is another one than at its start. */
function NewBuild() {
  const { t } = useTranslation();
  const { version } = useSession();
  const [first] = useState(version);
  if (version === first) return null;
  return (
    <div className="panel newbuild" role="alert">
      {t('newBuild')}
      <Button size="compact-sm" onClick={() => location.reload()}>
        {t('reload')}
      </Button>
    </div>
  );
}

function Screens() {
  const session = useSession();
  const open = useOpen();
  const [path] = useLocation();
  const was = useRef(path);
  useEffect(() => {
    if (was.current === path) return;
    was.current = path;
    document.getElementById('main')?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  const first = open.find((o) => o.route.group !== undefined)?.path ?? '/screens';
  const forms = ['/first', '/invitation', '/login'];
  return (
    <Boundary key={path}>
      <Suspense fallback={<Wait />}>
        <Switch>
          {screens
            .filter(({ route }) => route.verb === undefined || may(session, route.verb))
            .map(({ route, Screen }) => (
              <At key={route.path} path={route.path}>
                <Screen />
              </At>
            ))}
          {['/', ...forms].map((from) => (
            <At key={from} path={from}>
              <Redirect to={inGroup(open, 'now')[0]?.path ?? first} replace />
            </At>
          ))}
          <At>
            <Missing />
          </At>
        </Switch>
      </Suspense>
    </Boundary>
  );
}
