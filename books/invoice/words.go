package invoice

// Language is one in which a document is shown.
type Language string

// The languages. Arabic is written from right to left.
const (
	English    Language = "en"
	Arabic     Language = "ar"
	Portuguese Language = "pt"
)

// words is everything a rendering says; every language has every one of them.
type words struct {
	Invoice, CreditNote, DebitNote, Draft                                 string
	Number, Issued, Period, From, To, TaxID, RefersTo, Reason             string
	Contract, Item, Quantity, Unit, Price, Amount, Meter, Revision        string
	Net, Tax, Rounding, Total, Apportioned, Estimated                     string
	Of, Fingerprint                                                       string // of pages: 2 of 3
	Usage, PassThrough, Reservation, Overage, Shortfall, Fixed            string
	Minimum, Percentage, Credit, Prepayment, Goodwill                     string
	MegawattHour, GPUHour, GPUSecond, KilowattMonth, Piece, Month, Second string
	Money                                                                 string // what a percentage is a share of
}

// words are those of a language; English where it is not known.
func (l Language) words() words {
	switch l {
	case Arabic:
		return words{
			Invoice: "فاتورة", CreditNote: "إشعار دائن", DebitNote: "إشعار مدين", Draft: "مسودة",
			Number: "الرقم", Issued: "تاريخ الإصدار", Period: "الفترة", From: "من", To: "إلى", TaxID: "الرقم الضريبي", RefersTo: "بالإشارة إلى", Reason: "السبب",
			Contract: "العقد", Item: "البند", Quantity: "الكمية", Unit: "الوحدة", Price: "السعر", Amount: "المبلغ", Meter: "العداد", Revision: "المراجعة",
			Net: "المجموع قبل الضريبة", Tax: "الضريبة", Rounding: "فرق التقريب", Total: "المبلغ المستحق", Apportioned: "موزع حسب الزمن", Estimated: "تقديري",
			Of: "من", Fingerprint: "البصمة",
			Usage: "الاستهلاك", PassThrough: "الطاقة بسعر الشراء", Reservation: "القدرة المحجوزة", Overage: "ما فوق الالتزام", Shortfall: "التزام غير مستخدم", Fixed: "رسم ثابت",
			Minimum: "الفرق إلى الحد الأدنى", Percentage: "رسم نسبي", Credit: "تعويض مستوى الخدمة", Prepayment: "من الدفعة المقدمة", Goodwill: "خصم ودي",
			MegawattHour: "ميغاواط ساعة", GPUHour: "ساعة معالج رسومي", GPUSecond: "ثانية معالج رسومي", KilowattMonth: "كيلوواط شهر", Piece: "قطعة", Month: "شهر", Second: "ثانية",
			Money: "من المبلغ",
		}
	case Portuguese:
		return words{
			Invoice: "Fatura", CreditNote: "Nota de crédito", DebitNote: "Nota de débito", Draft: "Rascunho",
			Number: "Número", Issued: "Emitida em", Period: "Período", From: "De", To: "Para", TaxID: "Número fiscal", RefersTo: "Refere-se a", Reason: "Motivo",
			Contract: "Contrato", Item: "Item", Quantity: "Quantidade", Unit: "Unidade", Price: "Preço", Amount: "Valor", Meter: "Medidor", Revision: "Revisão",
			Net: "Total sem impostos", Tax: "Imposto", Rounding: "Arredondamento", Total: "Total a pagar", Apportioned: "rateado por tempo", Estimated: "estimado",
			Of: "de", Fingerprint: "Impressão digital",
			Usage: "Consumo", PassThrough: "Energia ao preço de compra", Reservation: "Potência reservada", Overage: "Acima do contratado", Shortfall: "Contratado e não usado", Fixed: "Taxa fixa",
			Minimum: "Diferença para o mínimo", Percentage: "Taxa percentual", Credit: "Crédito de nível de serviço", Prepayment: "Do pagamento antecipado", Goodwill: "Cortesia",
			MegawattHour: "MWh", GPUHour: "hora de GPU", GPUSecond: "segundo de GPU", KilowattMonth: "kW-mês", Piece: "unidade", Month: "mês", Second: "segundo",
			Money: "do valor",
		}
	case English:
	}
	return words{
		Invoice: "Invoice", CreditNote: "Credit note", DebitNote: "Debit note", Draft: "Draft",
		Number: "Number", Issued: "Issued", Period: "Period", From: "From", To: "To", TaxID: "Tax ID", RefersTo: "Refers to", Reason: "Reason",
		Contract: "Contract", Item: "Item", Quantity: "Quantity", Unit: "Unit", Price: "Price", Amount: "Amount", Meter: "Meter", Revision: "Revision",
		Net: "Total before tax", Tax: "Tax", Rounding: "Rounding", Total: "Total to pay", Apportioned: "apportioned by time", Estimated: "estimated",
		Of: "of", Fingerprint: "Fingerprint",
		Usage: "Usage", PassThrough: "Energy at purchase price", Reservation: "Reserved power", Overage: "Above the commitment", Shortfall: "Committed and not used", Fixed: "Fixed fee",
		Minimum: "Shortfall to the minimum", Percentage: "Percentage fee", Credit: "Service level credit", Prepayment: "From the prepayment", Goodwill: "Goodwill",
		MegawattHour: "MWh", GPUHour: "GPU-hour", GPUSecond: "GPU-second", KilowattMonth: "kW-month", Piece: "piece", Month: "month", Second: "second",
		Money: "of the amount",
	}
}

// kind names a line.
func (w words) kind(k LineKind) string {
	switch k {
	case Usage:
		return w.Usage
	case PassThrough:
		return w.PassThrough
	case Reservation:
		return w.Reservation
	case Overage:
		return w.Overage
	case Shortfall:
		return w.Shortfall
	case Fixed:
		return w.Fixed
	case Minimum:
		return w.Minimum
	case Percentage:
		return w.Percentage
	case Credit:
		return w.Credit
	case Prepayment:
		return w.Prepayment
	case Goodwill:
		return w.Goodwill
	}
	return string(k)
}

// unit names a unit; one that is not known stays as it is.
func (w words) unit(u string) string {
	switch u {
	case "MWh":
		return w.MegawattHour
	case "GPU-hour":
		return w.GPUHour
	case "GPU-second":
		return w.GPUSecond
	case "kW-month":
		return w.KilowattMonth
	case "piece":
		return w.Piece
	case "month":
		return w.Month
	case "second":
		return w.Second
	case "money":
		return w.Money
	}
	return u
}

// document names a document.
func (w words) document(k Kind) string {
	switch k {
	case CreditNote:
		return w.CreditNote
	case DebitNote:
		return w.DebitNote
	case Invoice:
	}
	return w.Invoice
}

// marks are how a language writes numbers and days.
type marks struct {
	point, group string
	day          string // as package time lays it out
	direction    string
}

func (l Language) marks() marks {
	switch l {
	case Portuguese:
		return marks{",", ".", "02/01/2006", "ltr"}
	case Arabic:
		return marks{".", ",", "02/01/2006", "rtl"} // digits as the Gulf writes its invoices
	case English:
	}
	return marks{".", ",", "2 Jan 2006", "ltr"}
}
