package hall

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sluice/loop/curtail"
	"sluice/store/whole"
)

// The files in the folder of a hall, beside the store of its tenants.
const (
	stateFile  = "curtailment.json" // before every command
	recordFile = "metering.json"    // once in every interval
)

// kept is everything that a later run needs.
type kept struct {
	Hall    string
	Kernel  curtail.State
	Follow  curtail.State
	Epoch   int64
	Outcome curtail.Outcome
	Orders  orders
}

// records are what metering and learning need; nothing waits for them.
type records struct {
	Hall    string
	Ledger  keptLedger
	School  keptSchool
	Service keptService
	Witness keptWitness
}

// keeper writes the files of a hall.
type keeper struct {
	folder  string
	planned map[string]bool // events that the store has
}

type resumed struct {
	kept
	records

	Market keptMarket
}

// open reads what is there.
func (k *keeper) open(folder, hall string) (resumed, error) {
	k.folder, k.planned = folder, map[string]bool{}
	var out resumed
	err := errors.Join(k.read(stateFile, &out.kept), k.read(recordFile, &out.records), k.read(marketFile, &out.Market))
	for _, of := range []string{out.kept.Hall, out.records.Hall, out.Market.Hall} {
		if err == nil && of != "" && of != hall {
			err = fmt.Errorf("%s is of hall %q: give hall %q a folder of its own", folder, of, hall)
		}
	}
	return out, err
}

func (k *keeper) read(name string, into any) error {
	text, err := os.ReadFile(filepath.Join(k.folder, name)) //nolint:gosec // the folder of the hall
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("read %s of the hall: %w: restore a backup, or move it away and look at every node and queue by hand", name, err)
	}
	return nil
}

func (k *keeper) write(name string, v any) error {
	text, err := json.Marshal(v)
	if err == nil {
		err = whole.Replace(filepath.Join(k.folder, name), 0o600, whole.Text(text))
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// keepState has the state of the kernels on disk.
func (h *Hall) keepState() error {
	h.unkept = false
	return h.keeper.write(stateFile, kept{
		Hall: h.cfg.Hall.Name, Kernel: h.kernel.State(), Follow: h.follow.State(), Epoch: h.epoch, Outcome: h.outcome, Orders: h.orders,
	})
}

// keepRecords has what was metered and learned on disk.
func (h *Hall) keepRecords() error {
	return h.keeper.write(recordFile, records{Hall: h.cfg.Hall.Name, Ledger: h.ledger.kept, School: h.school.kept, Service: h.service.kept, Witness: h.witness.kept})
}
