package objectfile_test

// meterSpec is the keys of a meter template. Its reader asks for them one by one, so
// they are stated here once more, and TestTheMeterKeysAreTheReaders holds both together.
type meterSpec struct {
	Template    string        `json:"template" jsonschema:"pattern=^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$" jsonschema_description:"Name of the template, as sites call it."`
	Maker       string        `json:"maker" jsonschema:"minLength=1" jsonschema_description:"Who builds the meters."`
	Models      []string      `json:"models,omitempty" jsonschema_description:"Models that it reads."`
	Standing    string        `json:"standing" jsonschema:"enum=V,enum=S,enum=U" jsonschema_description:"How well the facts are founded: V read in a document of the maker, S stated alike by public programs, U unverified."`
	Source      string        `json:"source" jsonschema:"minLength=1" jsonschema_description:"Where the facts are from."`
	Addressing  string        `json:"addressing,omitempty" jsonschema:"enum=zero,enum=one,default=zero" jsonschema_description:"zero: numbers as sent on the wire; one: the document's first register is number 1."`
	ByteOrder   string        `json:"byte_order,omitempty" jsonschema:"enum=big,enum=little,default=big" jsonschema_description:"Order of bytes inside a register."`
	WordOrder   string        `json:"word_order,omitempty" jsonschema:"enum=high_first,enum=low_first,default=high_first" jsonschema_description:"Order of registers."`
	Absent      string        `json:"absent,omitempty" jsonschema:"enum=none,enum=extremes,default=none" jsonschema_description:"extremes: all ones, and the outermost signed values, mean not available."`
	Values      string        `json:"values" jsonschema:"enum=primary,enum=secondary" jsonschema_description:"Before (primary) or behind (secondary) the transformers."`
	Transformer string        `json:"transformer,omitempty" jsonschema_description:"How the meter knows its ratios; for people."`
	Transport   *meterWire    `json:"transport,omitempty" jsonschema_description:"How it is reached."`
	Limits      *meterLimits  `json:"limits,omitempty" jsonschema_description:"What one request may ask for."`
	Reads       meterRegister `json:"reads" jsonschema_description:"The registers, by quantity."`
	Caveats     []string      `json:"caveats,omitempty" jsonschema_description:"What is known to be odd."`
}

type meterWire struct {
	Kind string `json:"kind,omitempty" jsonschema:"enum=modbus-tcp,enum=rtu-over-tcp,default=modbus-tcp" jsonschema_description:"Framing."`
	Port int    `json:"port,omitempty" jsonschema:"minimum=1,maximum=65535,default=502" jsonschema_description:"TCP port."`
	Unit int    `json:"unit,omitempty" jsonschema:"minimum=0,maximum=255,default=1" jsonschema_description:"Unit number."`
}

type meterLimits struct {
	Registers int `json:"registers,omitempty" jsonschema:"minimum=1,maximum=125,default=125" jsonschema_description:"Most registers in one request."`
	Gap       int `json:"gap,omitempty" jsonschema:"minimum=0,maximum=125,default=0" jsonschema_description:"Unused registers that one request may span."`
}

type meterRegister struct {
	Power   *powerRow   `json:"active_power,omitempty" jsonschema_description:"Power at the meter. In W, kW or MW."`
	Import  *counterRow `json:"energy_import,omitempty" jsonschema_description:"Counter of the energy drawn."`
	Export  *counterRow `json:"energy_export,omitempty" jsonschema_description:"Counter of the energy fed in."`
	L1      *gaugeRow   `json:"voltage_l1,omitempty" jsonschema_description:"Voltage of the first phase against neutral."`
	L2      *gaugeRow   `json:"voltage_l2,omitempty" jsonschema_description:"Voltage of the second phase against neutral."`
	L3      *gaugeRow   `json:"voltage_l3,omitempty" jsonschema_description:"Voltage of the third phase against neutral."`
	Hertz   *gaugeRow   `json:"frequency,omitempty" jsonschema_description:"Frequency of the grid."`
	Factor  *gaugeRow   `json:"power_factor,omitempty" jsonschema_description:"Power factor."`
	Serials *serialRow  `json:"serial,omitempty" jsonschema_description:"Serial number of the meter."`
}

type anyRow struct {
	Kind      string `json:"kind" jsonschema:"enum=holding,enum=input" jsonschema_description:"Register space: holding (function 3) or input (function 4)."`
	Address   int    `json:"address" jsonschema:"minimum=0,maximum=65536" jsonschema_description:"Number of the first register."`
	Type      string `json:"type" jsonschema:"enum=uint16,enum=int16,enum=int32,enum=uint32,enum=int64,enum=uint64,enum=float32,enum=float64,enum=ascii" jsonschema_description:"How the value is coded; ascii for a serial number alone."`
	ByteOrder string `json:"byte_order,omitempty" jsonschema:"enum=big,enum=little" jsonschema_description:"Absent: that of the template."`
	WordOrder string `json:"word_order,omitempty" jsonschema:"enum=high_first,enum=low_first" jsonschema_description:"Absent: that of the template."`
	Standing  string `json:"standing,omitempty" jsonschema:"enum=V,enum=S,enum=U" jsonschema_description:"Absent: that of the template."`
}

type measured struct {
	Scale *float64 `json:"scale,omitempty" jsonschema:"default=1" jsonschema_description:"The value is the number times this, in the unit."`
	Unit  string   `json:"unit" jsonschema:"enum=W,enum=kW,enum=MW,enum=J,enum=Wh,enum=kWh,enum=MWh,enum=V,enum=kV,enum=Hz,enum=one,enum=percent" jsonschema_description:"Unit of the value; one that fits the quantity."`
	Least *float64 `json:"least,omitempty" jsonschema_description:"Below it the value is not known."`
	Most  *float64 `json:"most,omitempty" jsonschema_description:"Above it the value is not known."`
}

type gaugeRow struct {
	anyRow
	measured
}

type powerRow struct {
	anyRow
	measured

	Sign string `json:"sign" jsonschema:"enum=import_positive,enum=export_positive" jsonschema_description:"Which sign of power is import."`
}

type counterRow struct {
	anyRow
	measured

	Wrap any `json:"wrap" jsonschema:"oneof_type=string;integer" jsonschema_description:"When the counter begins again: never, type (at the end of its bits), or the count."`
}

type serialRow struct {
	anyRow

	Length int `json:"length,omitempty" jsonschema:"minimum=1,maximum=32,default=8" jsonschema_description:"Registers of an ascii text."`
}
