package main

import (
	"fmt"
	"strings"
)

// readme writes the provenance of every file for a person.
func readme(files []file) string {
	var b strings.Builder
	b.WriteString("# Data that ships\n\n")
	b.WriteString("Made by `go run ./internal/pack <collection> data`; this page and `facts.json` too, so that they cannot drift apart. ")
	b.WriteString("The same collection gives the same bytes. Package `data` hands the files out, package `driver/history` reads them, and any file of your own in the same form works just as well.\n\n")
	b.WriteString("Stamps are starts of intervals in UTC. Lines that begin with `#` are comments.\n\n")
	b.WriteString("| file | rows | bytes | real or made up |\n|---|---|---|---|\n")
	total := 0
	for _, f := range files {
		kind := "recorded"
		if f.facts.Synthetic {
			kind = "**synthetic**"
		}
		fmt.Fprintf(&b, "| `%s` | %d | %d | %s |\n", f.facts.Name, f.facts.Rows, f.facts.Bytes, kind)
		total += f.facts.Bytes
	}
	fmt.Fprintf(&b, "\nTogether %d bytes; the limit is 2,000,000.\n", total)
	for _, f := range files {
		b.WriteString(section(f.facts))
	}
	b.WriteString(notices())
	return b.String()
}

func section(f facts) string {
	var b strings.Builder
	title := f.Name
	if f.Synthetic {
		title += " (SYNTHETIC)"
	}
	fmt.Fprintf(&b, "\n## %s\n\n", title)
	fmt.Fprintf(&b, "* **Content:** %s.\n* **Span:** %s.\n* **Units:** %s.\n", f.Content, f.Span, f.Units)
	for _, o := range f.Origin {
		fmt.Fprintf(&b, "* **Origin:** %s.\n", o)
	}
	fmt.Fprintf(&b, "* **Licence:** %s.\n", f.Licence)
	for _, d := range f.Done {
		fmt.Fprintf(&b, "* **Done:** %s\n", d)
	}
	for _, n := range f.Notes {
		fmt.Fprintf(&b, "* **Know:** %s\n", n)
	}
	fmt.Fprintf(&b, "* **SHA-256:** `%s`\n", f.SHA256)
	return b.String()
}

// notices are the notices that the licences ask to be kept with the data.
func notices() string {
	return `
## Notices

Prices of Houston: Copyright (c) 2026 sammikhaylov. Prices of Bitcoin: Copyright (c) 2024 HSBC algo genetic contributors.
Training jobs: Copyright (c) 2020 Stanford Future Data Systems. All under the MIT License:

> Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
> documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
> rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
> persons to whom the Software is furnished to do so, subject to the following conditions:
>
> The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
> Software.
>
> THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
> WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
> COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
> OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Air temperature: Weather data by [Open-Meteo.com](https://open-meteo.com/), [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); the temperature was taken out of a larger table, no value was changed.

Requests and tokens of language models: [Azure Public Dataset](https://github.com/Azure/AzurePublicDataset), Microsoft, [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); the requests were summed by the minute.

Difficulty and the times of blocks are facts of the public Bitcoin chain; the file holds figures derived from them (a difficulty and a mean subsidy per day), not the collections themselves, which are published under MIT (spesmilo/electrum) and BSD-2-Clause (sorukumar/bitcoin-mining-pools).
`
}
