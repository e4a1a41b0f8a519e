package room

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"sluice/driver/wire"
)

// Inventory is a list of machines.
type Inventory struct {
	Networks []string `json:"networks" minItems:"1" maxItems:"16" doc:"Every address has to lie in one of them. Nothing is contacted."`
	CSV      string   `json:"csv" maxLength:"12000000" doc:"With the columns address, model, hall and feeder, in any order and beside any others."`
}

// InventoryRow is one machine of a list.
type InventoryRow struct {
	Line    int    `json:"line"`
	Address string `json:"address"`
	Model   string `json:"model"`
	Hall    string `json:"hall"`
	Feeder  string `json:"feeder"`
}

// InventoryFault is what is wrong with a line.
type InventoryFault struct {
	Line int    `json:"line"`
	Says string `json:"says"`
}

// Imported is what a list declares.
type Imported struct {
	Rows   []InventoryRow   `json:"rows"`
	Faults []InventoryFault `json:"faults"`
}

// The bounds of a list.
const (
	rowsMost        = 100_000
	rowFaultsMost   = 200
	inventoryHeader = "address,model,hall,feeder"
)

// importInventory reads a list. Nothing is contacted and nothing kept.
func (r *Room) importInventory(_ context.Context, _ Visit, in *struct{ Body Inventory }) (Imported, error) {
	n, _, err := Reach{Networks: in.Body.Networks, Public: true, Reason: "nothing is contacted"}.open()
	if err != nil {
		return Imported{}, err
	}
	l := &list{network: n, first: map[string]int{}, out: Imported{Rows: []InventoryRow{}, Faults: []InventoryFault{}}}
	l.read(in.Body.CSV)
	if len(l.out.Faults) > rowFaultsMost {
		l.out.Faults = append(l.out.Faults[:rowFaultsMost], InventoryFault{Says: fmt.Sprintf("there are more than %d faults: correct the first ones and read it again", rowFaultsMost)})
	}
	return l.out, nil
}

// list reads an inventory.
type list struct {
	network *wire.Network
	first   map[string]int // line on which an address stands
	out     Imported
}

func (l *list) fault(line int, format string, args ...any) {
	l.out.Faults = append(l.out.Faults, InventoryFault{Line: line, Says: fmt.Sprintf(format, args...)})
}

// read reads all lines and notes every fault.
func (l *list) read(text string) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		l.fault(1, "no header: write %s", inventoryHeader)
		return
	}
	var at [4]int
	for i, want := range strings.Split(inventoryHeader, ",") {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), want) })
		if at[i] < 0 {
			l.fault(1, "no column %q: write %s", want, inventoryHeader)
		}
	}
	for len(l.out.Faults) == 0 || at[0] >= 0 && at[1] >= 0 && at[2] >= 0 && at[3] >= 0 {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			n := 0
			if p, is := errors.AsType[*csv.ParseError](err); is {
				n = p.StartLine
			}
			l.fault(n, "%v", err)
			if !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			continue
		}
		if len(l.out.Rows) == rowsMost {
			l.fault(0, "more than %d machines: split the list", rowsMost)
			break
		}
		n, _ := r.FieldPos(0)
		l.take(InventoryRow{n, strings.TrimSpace(row[at[0]]), strings.TrimSpace(row[at[1]]), strings.TrimSpace(row[at[2]]), strings.TrimSpace(row[at[3]])})
	}
	if len(l.out.Rows) == 0 && len(l.out.Faults) == 0 {
		l.fault(0, "a header and no machine: add a line for each")
	}
}

// take checks a line and adds it, its address in the one way in which it can be compared.
func (l *list) take(x InventoryRow) {
	if a, err := netip.ParseAddr(x.Address); err != nil {
		l.fault(x.Line, "address %.60q: write an IP address, never a name", x.Address)
	} else {
		x.Address = a.Unmap().String()
		if !l.network.Holds(x.Address) {
			l.fault(x.Line, "address %s lies in none of the networks: add its network or correct it", x.Address)
		}
		if was := l.first[x.Address]; was > 0 {
			l.fault(x.Line, "address %s was given on line %d: keep the right one", x.Address, was)
		} else {
			l.first[x.Address] = x.Line
		}
	}
	for _, c := range []struct{ name, value string }{{"model", x.Model}, {"hall", x.Hall}, {"feeder", x.Feeder}} {
		if c.value == "" {
			l.fault(x.Line, "no %s: fill it in", c.name)
		}
	}
	l.out.Rows = append(l.out.Rows, x)
}
