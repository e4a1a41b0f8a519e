package room

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"time"

	"sluice/alarm"
	"sluice/driver/notify"
	"sluice/driver/objectfile"
	"sluice/store/people"
)

// Config is what a control room is made of.
type Config struct {
	People  *people.Store
	Version string           // of the program
	Boot    string           // differs at each start, so that open pages notice
	Demo    *Demo            // nil: the sites are real
	Pages   fs.FS            // the built pages with index.html; nil: the interface alone
	Secure  bool             // it is reached by TLS, so cookies are sent by nothing else
	Clock   func() time.Time // the wall clock; sites have their own
	Log     *slog.Logger
	History History // keeps what intervals came to; nil: only what is at hand is known
	Solvers Solvers // answers what-if; nil: merit order does

	Alarms  AlarmStore                      // nil: a restart forgets alarms
	Outbox  Outbox                          // nil: nobody is told of alarms
	Senders Senders                         // how contacts are reached
	Told    alarm.Config                    // who is
	Say     func(language string) alarm.Say // nil: in English
	Mail    MailServer                      // by which contacts are reached by mail
	Notify  notify.Options                  // how contacts are reached; zero: as usual

	Answers AnswerStore      // what was answered to deeds; nil: a restart forgets it
	Objects ObjectStore      // what people decide; nil: no objects are kept
	Secrets Secrets          // by which contacts are reached; nil: none are kept
	Check   objectfile.Check // what the readers of sites, entities, quotes and templates say

	Proxies []netip.Prefix // who is believed to say for whom they ask; the address of everybody else is that of their connection
	Hosts   []string       // names by which browsers reach it, with the port where it is not the usual one; localhost always counts
	Public  string         // address of the page, such as https://room.example: OIDC comes back to it
	OIDC    []Provider     // who else may say who somebody is
	Rates   Rates          // zero: as usual
	Ready   []Check        // what else has to answer before the program is ready

	Books *Library // the books that are shown; nil: none
	Halls *Halls   // the GPU halls that are shown; nil: none
	Setup *Setup   // how sites are added; nil: they are not

	Trials Trials     // how machines are tried; nil: they are not
	Shelf  TrialShelf // takes over what they taught

	Computer func(ctx context.Context) ComputerNow // what is known of where it runs; nil: nothing

	Backtests *BacktestShelf // replays under several policies; nil: none are run

	Planner Planner    // works plans of capital out; nil: they are kept and no more
	Risks   *RiskShelf // runs of them on many futures; nil: there are none
}

// Check asks something whether it works.
type Check struct {
	Name string
	Ask  func(context.Context) error
}

// Validate reports everything that is missing.
func (c Config) Validate() error {
	var all []error
	if c.People == nil {
		all = append(all, errors.New("a control room needs the store of people"))
	}
	if c.Clock == nil || c.Log == nil {
		all = append(all, errors.New("a control room needs a clock and a log"))
	}
	all = append(all, c.Rates.validate(), validHosts(c.Hosts), validProviders(c.OIDC, c.Public))
	return errors.Join(all...)
}
