import alarms from './pt/alarms.json';
import capital from './pt/capital.json';
import fleet from './pt/fleet.json';
import hosting from './pt/hosting.json';
import market from './pt/market.json';
import money from './pt/money.json';
import now from './pt/now.json';
import objects from './pt/objects.json';
import people from './pt/people.json';
import plan from './pt/plan.json';
import setup from './pt/setup.json';
import shell from './pt/shell.json';
import trust from './pt/trust.json';

/** Fetched when somebody reads it. */
const pt = { shell, now, plan, market, fleet, hosting, money, capital, trust, setup, people, objects, alarms };

export default pt;
