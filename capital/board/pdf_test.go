package board_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluice/capital/board"
	"sluice/pdf"
)

// printed is a report as a PDF.
func printed(tb testing.TB, r board.Report) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := board.WritePDF(&b, r); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestPDF: the same report has the same bytes, another one others; pages are as many
// as a report needs, and the file says nothing of when it was made.
func TestPDF(t *testing.T) {
	t.Parallel()
	for _, l := range board.Languages() {
		r := sample(t)
		r.Language = l
		b := printed(t, r)
		if !bytes.Equal(b, printed(t, r)) {
			t.Errorf("%s: the same report has other bytes", l)
		}
		r.Plan.Name = "another"
		if bytes.Equal(b, printed(t, r)) {
			t.Errorf("%s: another report has the same bytes", l)
		}
		if n := len(regexp.MustCompile(`/Type /Page /Parent`).FindAll(b, -1)); n < 7 || n > 16 {
			t.Errorf("%s: %d pages", l, n)
		}
		if !bytes.HasPrefix(b, []byte("%PDF-1.7\n")) || !bytes.HasSuffix(b, []byte("\n%%EOF\n")) || bytes.Contains(b, []byte("/CreationDate")) {
			t.Errorf("%s: it is no PDF, or says when it was made", l)
		}
	}
}

// TestPDFLetters: a name in letters that no font has is refused.
func TestPDFLetters(t *testing.T) {
	t.Parallel()
	if err := board.WritePDF(new(bytes.Buffer), named(t, "漢字")); !errors.Is(err, pdf.ErrLetter) {
		t.Errorf("%v", err)
	}
	if err := board.WritePDF(new(bytes.Buffer), named(t, strings.Repeat("a very long name ", 60))); err != nil {
		t.Errorf("a long name: %v", err)
	}
}

// TestPDFElsewhere: a program that is not ours reads what the report says.
func TestPDFElsewhere(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: pdftotext is missing, so no other program has read the PDF (make debian installs poppler-utils)")
	}
	for l, wants := range map[board.Language][]string{
		board.English:    {"Capital plan: washington", "? assumed", "§ contract", "announcement of 6 November 2025", "NPV with residuals", "is printed as the 80 % band", "2022 again", "The price history of power covers two years only.", "1 of ", "Mean shortfall"},
		board.Portuguese: {"Plano de capital: washington", "? suposto", "VPL", "Aluguel", "1 de "},
		board.Arabic:     {"washington", "مفترض", "التعهدات المالية", "الوسيط"},
	} {
		r := sample(t)
		r.Language = l
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		cmd := exec.CommandContext(ctx, tool, "-layout", "-", "-")
		cmd.Stdin = bytes.NewReader(printed(t, r))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(regexp.MustCompile("[\u202a-\u202e\u2066-\u2069]").ReplaceAll(out, nil)), "\u00a0", " ")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: pdftotext does not find %q", l, want)
			}
		}
	}
}

// BenchmarkPDF is a whole report.
func BenchmarkPDF(b *testing.B) {
	r := sample(b)
	for b.Loop() {
		printed(b, r)
	}
}
