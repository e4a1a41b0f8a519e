package trust

import (
	"strings"
	"unicode"
)

// unnamed stands in the record for who lowered something without a name: a name
// is never a reason to refuse the safe direction.
const unnamed = "unnamed"

// Named reports whether a name says anything once blanks and invisible
// characters are left out.
func Named(name string) bool { return fold(name) != "" }

// Same reports whether two names mean one person: case, blanks around and
// within, accents, full-width letters and invisible characters make no
// difference. It errs on the side of one person, since two are asked for where it
// matters. It cannot see through two names for one person, nor through letters of
// another script that look alike: names come from a login, not from a form.
func Same(a, b string) bool { return fold(a) == fold(b) }

// trimmed is a name as it is recorded.
func trimmed(name string) string { return strings.Join(strings.Fields(name), " ") }

// orUnnamed is a name for the record, also where there is none.
func orUnnamed(name string) string {
	if Named(name) {
		return trimmed(name)
	}
	return unnamed
}

// fold is what two spellings of one name have in common.
func fold(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn, unicode.Me) && !unicode.IsSpace(r) {
			continue
		}
		if r >= 0xFF01 && r <= 0xFF5E { // full-width forms of ASCII
			r -= 0xFEE0
		}
		b.WriteRune(plain(unicode.ToLower(unicode.ToUpper(r))))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// plain takes the accents off a small letter.
func plain(r rune) rune {
	if r < 0x80 {
		return r
	}
	i := strings.IndexRune(accented, r)
	if i < 0 {
		return r
	}
	word := accented[strings.LastIndexByte(accented[:i], ' ')+1:]
	for _, base := range word {
		return base
	}
	return r
}

// accented holds words of one letter and what it becomes with accents: the
// canonical decompositions of Unicode for small letters of the Latin, Greek and
// Cyrillic scripts and for kana.
const accented = "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ bḃḅḇ cçćĉċčḉ dďḋḍḏḑḓ eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ fḟ gĝğġģǧǵḡ " +
	"hĥȟḣḥḧḩḫẖ iìíîïĩīĭįǐȉȋḭḯỉị jĵǰ kķǩḱḳḵ lĺļľḷḹḻḽ mḿṁṃ nñńņňǹṅṇṉṋ oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ " +
	"pṕṗ rŕŗřȑȓṙṛṝṟ sśŝşšșṡṣṥṧṩ tţťțṫṭṯṱẗ uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự vṽṿ wŵẁẃẅẇẉẘ xẋẍ yýÿŷȳẏẙỳỵỷỹ " +
	"zźżžẑẓẕ æǣǽ øǿ ſẛ ʒǯ αά εέ ηή ιΐίϊ οό υΰϋύ ωώ ϒϓϔ аӑӓ гѓ еѐёӗ жӂӝ зӟ ийѝӣӥ кќ оӧ уўӯӱӳ чӵ ыӹ эӭ ії " +
	"ѵѷ әӛ өӫ うゔ かが きぎ くぐ けげ こご さざ しじ すず せぜ そぞ ただ ちぢ つづ てで とど はばぱ ひびぴ ふぶぷ へべぺ ほぼぽ ゝゞ ウヴ カガ キギ クグ ケゲ コゴ " +
	"サザ シジ スズ セゼ ソゾ タダ チヂ ツヅ テデ トド ハバパ ヒビピ フブプ ヘベペ ホボポ ワヷ ヰヸ ヱヹ ヲヺ ヽヾ"
