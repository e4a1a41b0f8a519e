import type { TablerIcon } from '@tabler/icons-react';
import type { ComponentType } from 'react';

import type { Verb } from './api/session';
import type { Word } from './words/i18n';

/** The groups of screens, in the order of the navigation. */
export const groups = ['now', 'plan', 'fleet', 'hosting', 'money', 'capital', 'trust', 'setup'] as const;
export type Group = (typeof groups)[number];

/** A screen: where it is, what it is called, who may see it. */
export interface Route {
  /** A path of wouter. One with :site is of one site; others with parameters are reached from a list. */
  path: string;
  /** Absent: in no group, reached from the header. */
  group?: Group;
  /** The key of its name. */
  word: Word;
  /** The right without which it is not shown; absent: everybody. */
  verb?: Verb;
  /** Fetches the screen, which is the default export of its file. */
  load: () => Promise<{ default: ComponentType }>;
  /** Goes there by the keys g and this letter; that of a group is its first screen's. */
  letter?: string;
  icon?: TablerIcon;
}

/**
 * All screens, each under the comment of its group and in the order of the navigation. The
 * first one that a person may see is their first page.
 */
export const routes: readonly Route[] = [
  // now
  { path: '/', group: 'now', word: 'now:title', verb: 'look', load: () => import('./screen/now/now') },
  { path: '/map', group: 'now', word: 'now:map.title', verb: 'look', load: () => import('./screen/now/map') },
  { path: '/sites/:site', group: 'now', word: 'now:one', verb: 'look', load: () => import('./screen/now/site') },
  { path: '/alarms', group: 'now', word: 'alarms:title', verb: 'look', letter: 'a', load: () => import('./screen/alarms/alarms') },
  { path: '/sites/:site/meters', group: 'now', word: 'market:meter.title', verb: 'look', load: () => import('./screen/now/balance') },
  { path: '/shift', group: 'now', word: 'alarms:shift.title', verb: 'look', load: () => import('./screen/now/shift') },
  { path: '/wall', group: 'now', word: 'now:wall.title', verb: 'look', load: () => import('./screen/now/wall') },

  // plan
  { path: '/sites/:site/plan', group: 'plan', word: 'plan:title', verb: 'look', load: () => import('./screen/plan/timeline') },
  { path: '/sites/:site/curtail', group: 'plan', word: 'plan:curtail.title', verb: 'look', load: () => import('./screen/plan/curtail') },
  { path: '/sites/:site/events', group: 'plan', word: 'market:event.title', verb: 'look', load: () => import('./screen/plan/events') },
  { path: '/sites/:site/market', group: 'plan', word: 'market:market.title', verb: 'look', load: () => import('./screen/plan/market') },
  { path: '/sites/:site/backtests', group: 'plan', word: 'market:test.title', verb: 'look', load: () => import('./screen/plan/backtests') },
  { path: '/sites/:site/turns/:at', group: 'plan', word: 'plan:turn.title', verb: 'look', load: () => import('./screen/plan/turn') },

  // fleet
  { path: '/fleet', group: 'fleet', word: 'fleet:fleet.title', verb: 'look', load: () => import('./screen/fleet/fleet') },
  { path: '/sites/:site/machines', group: 'fleet', word: 'fleet:machines.title', verb: 'look', load: () => import('./screen/fleet/machines') },
  { path: '/sites/:site/heat', group: 'fleet', word: 'fleet:heat.title', verb: 'look', load: () => import('./screen/fleet/heat') },
  { path: '/sites/:site/commission', group: 'fleet', word: 'fleet:trial.title', verb: 'look', load: () => import('./screen/fleet/commission') },
  { path: '/sites/:site/machines/:machine', group: 'fleet', word: 'fleet:machine.title', verb: 'look', load: () => import('./screen/fleet/machine') },

  // hosting
  { path: '/hosting', group: 'hosting', word: 'hosting:title', verb: 'look', load: () => import('./screen/hosting/halls') },
  { path: '/halls/:hall', group: 'hosting', word: 'hosting:col.hall', verb: 'look', load: () => import('./screen/hosting/hall') },
  { path: '/halls/:hall/curtail', group: 'hosting', word: 'hosting:curtail.title', verb: 'look', load: () => import('./screen/hosting/curtail') },
  { path: '/halls/:hall/reservations', group: 'hosting', word: 'hosting:wishes.title', verb: 'look', load: () => import('./screen/hosting/wishes') },
  { path: '/tenant', group: 'hosting', word: 'hosting:own.title', verb: 'own', load: () => import('./screen/hosting/tenant') },

  // money
  { path: '/money', group: 'money', word: 'money:books.title', verb: 'money', load: () => import('./screen/money/books') },
  { path: '/books/:book', group: 'money', word: 'money:statement.result', verb: 'money', load: () => import('./screen/money/statement') },
  { path: '/books/:book/cost', group: 'money', word: 'money:cost.title', verb: 'money', load: () => import('./screen/money/cost') },
  { path: '/books/:book/accounts', group: 'money', word: 'money:accounts.title', verb: 'money', load: () => import('./screen/money/accounts') },
  { path: '/books/:book/transactions', group: 'money', word: 'money:transactions.title', verb: 'money', load: () => import('./screen/money/transactions') },
  { path: '/books/:book/transactions/:id', group: 'money', word: 'money:transaction.title', verb: 'money', load: () => import('./screen/money/transaction') },
  { path: '/books/:book/evidence/:hash', group: 'money', word: 'money:evidence.title', verb: 'money', load: () => import('./screen/money/evidence') },
  { path: '/books/:book/invoices', group: 'money', word: 'money:invoices.title', verb: 'money', load: () => import('./screen/money/invoices') },
  { path: '/books/:book/invoices/:number', group: 'money', word: 'money:invoice.lines', verb: 'money', load: () => import('./screen/money/invoice') },
  { path: '/books/:book/invoices/:number/lines/:line', group: 'money', word: 'money:invoice.readings', verb: 'money', load: () => import('./screen/money/line') },
  { path: '/books/:book/treasury', group: 'money', word: 'money:treasury.title', verb: 'money', load: () => import('./screen/money/treasury') },
  { path: '/books/:book/closing', group: 'money', word: 'money:closing.title', verb: 'money', load: () => import('./screen/money/closing') },

  // capital
  { path: '/plans', group: 'capital', word: 'capital:plans.title', verb: 'money', load: () => import('./screen/capital/plans') },
  { path: '/plans/:plan', group: 'capital', word: 'capital:part.plan', verb: 'money', load: () => import('./screen/capital/plan') },
  { path: '/plans/:plan/what-if', group: 'capital', word: 'capital:part.whatif', verb: 'money', load: () => import('./screen/capital/whatif') },
  { path: '/plans/:plan/risk', group: 'capital', word: 'capital:part.risk', verb: 'money', load: () => import('./screen/capital/risk') },

  // trust
  { path: '/trust', group: 'trust', word: 'trust:title', verb: 'look', load: () => import('./screen/trust/ladder') },
  { path: '/requests', group: 'trust', word: 'trust:requests.title', load: () => import('./screen/trust/requests') },
  { path: '/audit', group: 'trust', word: 'trust:audit.title', verb: 'audit', load: () => import('./screen/trust/audit') },
  { path: '/health', group: 'trust', word: 'trust:health.title', verb: 'look', load: () => import('./screen/trust/health') },

  // setup
  { path: '/setup/add', group: 'setup', word: 'setup:add.title', verb: 'setup', load: () => import('./screen/setup/add') },
  { path: '/setup/sites', group: 'setup', word: 'setup:sites.title', verb: 'look', load: () => import('./screen/setup/sites') },
  { path: '/objects', group: 'setup', word: 'objects:title', verb: 'look', load: () => import('./screen/objects/objects') },
  { path: '/objects/apply', group: 'setup', word: 'objects:upload.title', verb: 'look', load: () => import('./screen/objects/upload') },
  { path: '/objects/:kind', group: 'setup', word: 'objects:make', verb: 'look', load: () => import('./screen/objects/new') },
  { path: '/objects/:kind/:name', group: 'setup', word: 'objects:title', verb: 'look', load: () => import('./screen/objects/object') },
  { path: '/secrets', group: 'setup', word: 'objects:secrets.title', verb: 'look', load: () => import('./screen/objects/secrets') },
  { path: '/people', group: 'setup', word: 'people:title', verb: 'audit', load: () => import('./screen/people/people') },
  { path: '/people/:name', group: 'setup', word: 'people:col.person', verb: 'audit', load: () => import('./screen/people/person') },
  { path: '/roles', group: 'setup', word: 'people:roles.title', load: () => import('./screen/people/roles') },
  { path: '/tokens', group: 'setup', word: 'people:tokens.title', load: () => import('./screen/people/tokens') },
  { path: '/sessions', group: 'setup', word: 'people:sessions.title', load: () => import('./screen/people/sessions') },

  // everybody's
  { path: '/screens', word: 'shell:screens.title', load: () => import('./screen/entry/screens') },
  { path: '/stop', word: 'shell:stop.title', verb: 'stop', letter: 'x', load: () => import('./screen/entry/stop') },
  { path: '/account', word: 'shell:account.title', load: () => import('./screen/entry/account') },
  { path: '/about', word: 'shell:about.title', load: () => import('./screen/entry/about') },
  { path: '/licences', word: 'shell:licences.title', load: () => import('./screen/entry/licences') },
];

/** The letters that lead to the first screen of a group, after g. */
export const letters: Record<Group, string> = { now: 'n', plan: 'p', fleet: 'f', hosting: 'h', money: 'm', capital: 'k', trust: 't', setup: 's' };

/** The path of the alarms, where that screen is; the badge of the header leads there. */
export const alarmsPath = '/alarms';
