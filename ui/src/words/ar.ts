import alarms from './ar/alarms.json';
import capital from './ar/capital.json';
import fleet from './ar/fleet.json';
import hosting from './ar/hosting.json';
import market from './ar/market.json';
import money from './ar/money.json';
import now from './ar/now.json';
import objects from './ar/objects.json';
import people from './ar/people.json';
import plan from './ar/plan.json';
import setup from './ar/setup.json';
import shell from './ar/shell.json';
import trust from './ar/trust.json';

/** Fetched when somebody reads it. */
const ar = { shell, now, plan, market, fleet, hosting, money, capital, trust, setup, people, objects, alarms };

export default ar;
