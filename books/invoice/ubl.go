package invoice

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"sluice/books"
	"sluice/unit"
)

// field is one name of a JSON object and what stands under it.
type field struct {
	name  string
	value any
}

// object is a JSON object whose fields keep their order.
type object []field

// MarshalJSON writes the fields in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// names are the words of UBL that differ between the kinds of documents.
type names struct{ root, code, line, quantity, total string }

func (k Kind) names() names {
	switch k {
	case CreditNote:
		return names{"CreditNote", "381", "CreditNoteLine", "CreditedQuantity", "LegalMonetaryTotal"}
	case DebitNote:
		return names{"DebitNote", "383", "DebitNoteLine", "DebitedQuantity", "RequestedMonetaryTotal"}
	case Invoice:
	}
	return names{"Invoice", "380", "InvoiceLine", "InvoicedQuantity", "LegalMonetaryTotal"}
}

// code is the unit of a quantity by UN/ECE Recommendation 20.
func code(unit string) string {
	switch unit {
	case "MWh":
		return "MWH"
	case "kWh":
		return "KWH"
	case "GPU-hour":
		return "HUR"
	case "GPU-second", "second":
		return "SEC"
	case "kW-month":
		return "KWT"
	case "month":
		return "MON"
	case "piece":
		return "H87"
	}
	return "C62" // one
}

// JSON renders a document with the field names of UBL 2.1. Amounts and quantities
// are strings. As UBL has it, the amounts of a credit note are positive: its kind
// turns them. Days are those of zone; nil is UTC.
func (d Document) JSON(zone *time.Location) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	n := d.Kind.names()
	body := object{
		{"UBLVersionID", "2.1"},
		{"ID", d.Number.String()},
		{"IssueDate", d.issueDate(zone)},
		{n.root + "TypeCode", n.code},
		{"DocumentCurrencyCode", string(d.Currency)},
		{"InvoicePeriod", period(d.From, d.To, zone)},
	}
	if d.Reason != "" {
		body = append(body, field{"Note", d.Reason})
	}
	if d.RefersTo != "" {
		body = append(body, field{"BillingReference", object{{"InvoiceDocumentReference", object{{"ID", d.RefersTo}}}}})
	}
	body = append(body, field{"AccountingSupplierParty", d.Entity.ubl()}, field{"AccountingCustomerParty", d.Customer.ubl()},
		field{"TaxTotal", d.taxTotal()}, field{n.total, d.monetaryTotal()}, field{n.line, d.ublLines(n, zone)})
	return json.MarshalIndent(object{{n.root, body}}, "", "  ")
}

// date is a day of a zone as ISO 8601 has it.
func date(at int64, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return time.Unix(at, 0).In(zone).Format(time.DateOnly)
}

func (d Document) issueDate(zone *time.Location) string {
	if d.Issued == 0 {
		return ""
	}
	return date(d.Issued, zone)
}

// period has the last day that a half-open stretch holds.
func period(from, to int64, zone *time.Location) object {
	return object{{"StartDate", date(from, zone)}, {"EndDate", date(to-1, zone)}}
}

func (p Party) ubl() object {
	var lines []object
	for _, a := range p.Address {
		lines = append(lines, object{{"Line", a}})
	}
	return object{{"Party", object{
		{"PartyIdentification", object{{"ID", p.ID}}},
		{"PartyName", object{{"Name", p.Name}}},
		{"PostalAddress", object{{"AddressLine", lines}, {"Country", object{{"IdentificationCode", p.Country}}}}},
		{"PartyTaxScheme", object{{"CompanyID", p.TaxID}}},
	}}}
}

// money is an amount in the direction of the document, with all its decimals.
func (d Document) money(a unit.Amount) object {
	if d.Kind == CreditNote {
		a = -a
	}
	return object{{"@currencyID", string(d.Currency)}, {"value", books.Asset(d.Currency).Text(int64(a))}}
}

// payable is the total in whole coins.
func (d Document) payable() object {
	m := d.money(d.Payable())
	text, _ := m[1].value.(string)
	m[1].value = trim(text, d.decimals())
	return m
}

// decimals is how many decimals the smallest coin has.
func (d Document) decimals() int {
	n := 0
	for coin := Coin(d.Currency); coin < int64(unit.Unit); coin *= 10 {
		n++
	}
	return n
}

// trim takes zeros off the end of a decimal down to so many decimals.
func trim(text string, decimals int) string {
	end := len(text)
	point := bytes.IndexByte([]byte(text), '.')
	for point >= 0 && end > point+1+decimals && text[end-1] == '0' {
		end--
	}
	if point >= 0 && end == point+1 {
		end--
	}
	return text[:end]
}

func (d Document) taxTotal() object {
	var sum unit.Amount
	var parts []object
	for _, t := range d.Taxes {
		sum += t.Amount
		parts = append(parts, object{
			{"TaxableAmount", d.money(t.Base)},
			{"TaxAmount", d.money(t.Amount)},
			{"TaxCategory", object{{"ID", t.Code}, {"Percent", percent(t.Rate)}}},
		})
	}
	return object{{"TaxAmount", d.money(sum)}, {"TaxSubtotal", parts}}
}

// decimal writes millionths with all their decimals, as every currency has them.
func decimal(millionths int64) string { return books.Asset("").Text(millionths) }

// percent writes a ratio in hundredths.
func percent(r unit.Ratio) string { return trim(decimal(int64(r)*100), 0) }

// net is the sum of the lines.
func (d Document) net() unit.Amount {
	var sum unit.Amount
	for _, l := range d.Lines {
		sum += l.Amount
	}
	return sum
}

func (d Document) monetaryTotal() object {
	net := d.net()
	return object{
		{"LineExtensionAmount", d.money(net)},
		{"TaxExclusiveAmount", d.money(net)},
		{"TaxInclusiveAmount", d.money(d.Payable() - d.Rounding)},
		{"PayableRoundingAmount", d.money(d.Rounding)},
		{"PayableAmount", d.payable()},
	}
}

// quantity is how many units a line has, with up to six decimals.
func (l Line) quantity() string {
	if l.Base == 0 {
		return ""
	}
	n, ok := unit.TryMulDiv(l.Quantity, int64(unit.Unit), l.Base)
	if !ok { // beyond six decimals of an int64: whole units then, rounded
		n, _ = unit.TryMulDiv(l.Quantity, 1, l.Base)
		return strconv.FormatInt(n, 10)
	}
	return trim(decimal(n), 0)
}

func (d Document) ublLines(n names, zone *time.Location) []object {
	var out []object
	for i, l := range d.Lines {
		o := object{{"ID", strconv.Itoa(i + 1)}, {"UUID", l.ID}}
		if l.Base > 0 {
			o = append(o, field{n.quantity, object{{"@unitCode", code(l.Unit)}, {"value", d.direct(l).quantity()}}})
		}
		o = append(o, field{"LineExtensionAmount", d.money(l.Amount)}, field{"InvoicePeriod", period(l.From, l.To, zone)},
			field{"Item", object{{"Name", l.Component}, {"AdditionalItemProperty", l.properties()}}})
		if p, err := books.Asset(d.Currency).Parse(l.Price); err == nil && l.Base > 0 {
			o = append(o, field{"Price", object{
				{"PriceAmount", object{{"@currencyID", string(d.Currency)}, {"value", books.Asset(d.Currency).Text(p)}}},
				{"BaseQuantity", object{{"@unitCode", code(l.Unit)}, {"value", "1"}}},
			}})
		}
		out = append(out, o)
	}
	return out
}

// direct gives the quantity of a line on a credit note the sign that its amount has
// there: what is given back is positive, whether it was counted up or down.
func (d Document) direct(l Line) Line {
	if d.Kind == CreditNote && (l.Quantity < 0) == (l.Amount < 0) {
		l.Quantity = -l.Quantity
	}
	return l
}

// properties is what UBL has no field for.
func (l Line) properties() []object {
	all := []field{
		{"Kind", string(l.Kind)},
		{"Contract", l.Contract},
		{"Unit", l.Unit},
		{"Price", l.Price},
		{"Meter", l.Meter},
		{"Revision", strconv.Itoa(l.Revision)},
		{"Apportioned", strconv.FormatBool(l.Apportioned)},
		{"Estimated", strconv.FormatBool(l.Estimated)},
		{"Inputs", l.Inputs},
	}
	for _, e := range l.Evidence {
		all = append(all, field{"Evidence", e})
	}
	var out []object
	for _, p := range all {
		out = append(out, object{{"Name", p.name}, {"Value", p.value}})
	}
	return out
}
