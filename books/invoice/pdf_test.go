package invoice_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"sluice/books/invoice"
	"sluice/unit"
)

// many is a debit note with so many lines, of which some are long.
func many(tb testing.TB, lines int) invoice.Document {
	tb.Helper()
	d := note(invoice.DebitNote)
	d.Lines, d.Reason = nil, "The meter of hall 3 was read again after the supplier had found a wrong transformer ratio."
	for i := range lines {
		x := draft().Lines[i%2]
		x.ID, x.Amount = fmt.Sprintf("l%d", i), unit.Amount(int64(i+1)*67_685_184)
		if i%7 == 2 {
			x.Component, x.Meter = "قاعة 3 (شمال)", strings.Repeat("meter-"+strconv.Itoa(i)+", ", 30)
		}
		d.Lines = append(d.Lines, x)
	}
	return made(tb, d, 43)
}

// printed is what a PDF shows, read without the code that wrote it: the text of
// every page, piece by piece as it was drawn.
func printed(tb testing.TB, pdf []byte) []string {
	tb.Helper()
	objects := map[string][]byte{}
	for _, m := range regexp.MustCompile(`(?s)(\d+) 0 obj\n(.*?)\nendobj\n`).FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = m[2]
	}
	unpack := func(number string) string {
		_, packed, _ := bytes.Cut(objects[number], []byte("stream\n"))
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			tb.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			tb.Fatal(err)
		}
		return string(b)
	}
	fonts := map[string]map[string]string{}
	for _, m := range regexp.MustCompile(`/((?:Roboto|Noto)[A-Za-z-]+) (\d+) 0 R`).FindAllSubmatch(pdf, -1) {
		letters := map[string]string{}
		table := regexp.MustCompile(`/ToUnicode (\d+) 0 R`).FindSubmatch(objects[string(m[2])])
		for _, l := range regexp.MustCompile(`<(....)> <(.+)>\n`).FindAllStringSubmatch(unpack(string(table[1])), -1) {
			var units []uint16
			for i := 0; i+4 <= len(l[2]); i += 4 {
				u, err := strconv.ParseUint(l[2][i:i+4], 16, 16)
				if err != nil {
					continue // the range of all codes
				}
				units = append(units, uint16(u))
			}
			letters[l[1]] = string(utf16.Decode(units))
		}
		fonts[string(m[1])] = letters
	}
	var pages []string
	for _, m := range regexp.MustCompile(`/Type /Page /Parent \d+ 0 R /Contents (\d+) 0 R`).FindAllSubmatch(pdf, -1) {
		var b strings.Builder
		for _, t := range regexp.MustCompile(`BT \S+ g /(\S+) \S+ Tf (.*) ET`).FindAllStringSubmatch(unpack(string(m[1])), -1) {
			for _, g := range regexp.MustCompile(`<(....)>`).FindAllStringSubmatch(t[2], -1) {
				b.WriteString(fonts[t[1]][g[1]])
			}
			b.WriteString("\n")
		}
		pages = append(pages, b.String())
	}
	return pages
}

// TestPDF: what every line must show, in every language.
func TestPDF(t *testing.T) {
	t.Parallel()
	d := made(t, draft(), 42)
	hash, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	for l, wants := range map[invoice.Language][]string{
		invoice.English:    {"Invoice", "1.5", "MWh", "45.123456", "67.685184", "115,200.00", "2.50 – 2.75", "124,777.27", "115,267.685184", "9,509.584028", "0.000788", "2 Oct 2025", "1 Sep 2025 –", "30 Sep 2025", "Revision 3", "apportioned by time", "estimated", "GPU-hour", "8.25 %", "Contract c1", "1 of 1", "Amount (USD)"},
		invoice.Portuguese: {"Fatura", "1,5", "45,123456", "115.200,00", "124.777,27", "02/10/2025", "rateado por tempo", "hora de GPU", "8,25 %", "1 de 1", "Revisão 3", "Preço"},
		invoice.Arabic:     {mirrored("فاتورة"), "115,200.00", "124,777.27", "02/10/2025", mirrored("تقديري"), mirrored("ساعة معالج رسومي")},
	} {
		b, err := d.PDF(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(printed(t, b), "")
		for _, want := range append(wants, "HOU-2025-000042\n", "Acme <AI> & Sons\n", "1 Grid Road\n", "m-17\n", "m-18, m-19\n", "power\n", "h100\n", fmt.Sprintf("%x", hash)) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in\n%s", l, want, text)
			}
		}
	}
	plain, err := invoice.Draft(draft())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := plain.PDF(invoice.English, nil); err != nil || !strings.Contains(strings.Join(printed(t, b), ""), "Invoice (Draft)") {
		t.Errorf("a draft does not say so: %v", err)
	}
	b, err := d.PDF(invoice.English, time.FixedZone("UTC-5", -5*3600))
	if err != nil || !strings.Contains(strings.Join(printed(t, b), ""), "31 Aug 2025 –") {
		t.Errorf("days of another zone: %v", err)
	}
}

// mirrored is the letters of a text from the other side, as an Arabic line is drawn.
func mirrored(text string) string {
	var out string
	for _, r := range text {
		out = string(r) + out
	}
	return out
}

// TestPDFPages: many lines go over many pages, each with its number and the heads
// of the columns, and no line is lost or stands twice.
func TestPDFPages(t *testing.T) {
	t.Parallel()
	for _, l := range []invoice.Language{invoice.English, invoice.Portuguese, invoice.Arabic} {
		d := many(t, 120)
		b, err := d.PDF(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		pages := printed(t, b)
		if len(pages) < 5 || len(pages) > 15 {
			t.Errorf("%s: %d pages", l, len(pages))
		}
		all := strings.Join(pages, "")
		for i, p := range pages {
			if foot := fmt.Sprintf("%d of %d\n", i+1, len(pages)); l == invoice.English && !strings.Contains(p, foot) {
				t.Errorf("page %d does not say %q", i+1, foot)
			}
			if l == invoice.English && i < len(pages)-1 && strings.Count(p, "Quantity\n") != 1 {
				t.Errorf("page %d has no heads", i+1)
			}
		}
		if l != invoice.English {
			continue
		}
		for i, x := range d.Lines {
			amount := strings.TrimRight(fmt.Sprintf("%d.%06d", x.Amount/1_000_000, x.Amount%1_000_000), "0")
			if n := strings.Count(strings.ReplaceAll(all, ",", ""), "\n"+amount+"\n"); n != 1 {
				t.Errorf("line %d: its amount %s stands %d times", i+1, amount, n)
			}
		}
		if n := strings.Count(all, "Contract c1\n"); n != 120 {
			t.Errorf("%d of 120 lines", n)
		}
	}
	short, err := made(t, draft(), 42).PDF(invoice.English, nil)
	if err != nil || len(printed(t, short)) != 1 {
		t.Errorf("two lines are no page: %v", err)
	}
}

// TestPDFLong: what is longer than a page goes on on the next, and nothing of it is lost.
func TestPDFLong(t *testing.T) {
	t.Parallel()
	d := draft()
	var meters []string
	for i := range 1500 {
		meters = append(meters, fmt.Sprintf("meter-%04d", i))
	}
	d.Lines[0].Meter = strings.Join(meters, ", ")
	d.Lines[1].Component = strings.Repeat("x", 3000)
	d.Entity.Address = meters[:100]
	b, err := made(t, d, 42).PDF(invoice.English, nil)
	if err != nil {
		t.Fatal(err)
	}
	pages := printed(t, b)
	all := strings.NewReplacer("\n", "", " ", "").Replace(strings.Join(pages, ""))
	for i, m := range meters {
		want := 1
		if i < len(d.Entity.Address) {
			want = 2
		}
		if n := strings.Count(all, m); n != want {
			t.Fatalf("%s stands %d times, want %d", m, n, want)
		}
	}
	if n := strings.Count(all, "x"); n < 3000 || len(pages) < 8 {
		t.Errorf("%d letters on %d pages", n, len(pages))
	}
}

// TestPDFBytes: the same document has the same bytes, another one others; what the
// file says of itself is true.
func TestPDFBytes(t *testing.T) {
	t.Parallel()
	d := many(t, 30)
	for _, l := range []invoice.Language{invoice.English, invoice.Portuguese, invoice.Arabic} {
		b, err := d.PDF(l, nil)
		again, err2 := many(t, 30).PDF(l, nil)
		if err != nil || err2 != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s: the same document has other bytes, %v, %v", l, err, err2)
		}
		other := many(t, 30)
		other.Issued++
		if o, err := other.PDF(l, nil); err != nil || bytes.Equal(b, o) {
			t.Errorf("%s: another second has the same bytes, %v", l, err)
		}
		if !bytes.HasPrefix(b, []byte("%PDF-1.7\n")) || !bytes.HasSuffix(b, []byte("\n%%EOF\n")) {
			t.Errorf("%s: it neither begins nor ends as a PDF", l)
		}
		_, end, _ := bytes.Cut(b, []byte("\nstartxref\n"))
		at, _, _ := strings.Cut(string(end), "\n")
		start, err := strconv.Atoi(at)
		if err != nil || !bytes.HasPrefix(b[start:], []byte("xref\n")) {
			t.Fatalf("the table of objects is not at %s, %v", at, err)
		}
		for i, m := range regexp.MustCompile(`(?m)^(\d{10}) 00000 n $`).FindAllSubmatch(b[start:], -1) {
			n, _ := strconv.Atoi(string(m[1]))
			if !bytes.HasPrefix(b[n:], fmt.Appendf(nil, "%d 0 obj\n", i+1)) {
				t.Fatalf("object %d is not at %d", i+1, n)
			}
		}
		if bytes.Contains(b, []byte("/CreationDate")) || bytes.Contains(b, []byte("/ModDate")) {
			t.Error("it says when it was made")
		}
	}
}

// TestPDFLetters: a name in letters that no font has is refused by name.
func TestPDFLetters(t *testing.T) {
	t.Parallel()
	for name, sound := range map[string]bool{"Ação Ltda.": true, "Ελλάς": true, "Пример": true, "شركة": true, "漢字": false, "🙂": false} {
		d := draft()
		d.Customer.Name = name
		if _, err := made(t, d, 1).PDF(invoice.English, nil); (err == nil) != sound || err != nil && !errors.Is(err, invoice.ErrLetter) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := draft()
	d.Kind = "offer"
	if _, err := d.PDF(invoice.English, nil); !errors.Is(err, invoice.ErrDocument) {
		t.Errorf("no document: %v", err)
	}
}

// TestPDFElsewhere: a program that is not ours reads the same.
func TestPDFElsewhere(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: pdftotext is missing, so no other program has read the PDF (make debian installs poppler-utils)")
	}
	for l, wants := range map[invoice.Language][]string{
		invoice.English: {"HOU-2025-000042", "124,777.27", "67.685184", "Acme <AI> & Sons", "apportioned by time"},
		invoice.Arabic:  {"HOU-2025-000042", "124,777.27", "67.685184", "فاتورة", "القدرة المحجوزة", "موزع حسب الزمن"},
	} {
		d := draft()
		d.Lines = append(d.Lines, line(invoice.Reservation, 0))
		b, err := made(t, d, 42).PDF(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		cmd := exec.CommandContext(ctx, tool, "-layout", "-", "-")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		out = regexp.MustCompile("[\u202a-\u202e\u2066-\u2069]").ReplaceAll(out, nil) // it says where the direction changes
		for _, want := range wants {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: pdftotext does not find %q in\n%s", l, want, out)
			}
		}
	}
}

// BenchmarkPDF is a note of 120 lines.
func BenchmarkPDF(b *testing.B) {
	d := many(b, 120)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.PDF(invoice.Arabic, nil); err != nil {
			b.Fatal(err)
		}
	}
}
