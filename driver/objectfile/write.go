package objectfile

import (
	"fmt"
	"slices"
	"strings"

	"sluice/object"
)

// Write is objects as YAML, one document each, in canonical form: what is read from it
// differs in nothing. schemas is the address below which their schemas are served, such
// as https://sluice.example/schemas; "" leaves the line for editors out.
func Write(schemas string, all ...object.Object) []byte {
	var b strings.Builder
	for i, o := range all {
		if i > 0 {
			b.WriteString("---\n")
		}
		if schemas != "" {
			fmt.Fprintf(&b, "# yaml-language-server: $schema=%s/%s\n", strings.TrimRight(schemas, "/"), SchemaName(o.Kind))
		}
		b.WriteString("# Written by sluice export. Comments do not survive: the store keeps none.\n")
		fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\nmetadata:\n", o.APIVersion, o.Kind)
		fmt.Fprintf(&b, "  name: %s\n", word(o.Metadata.Name))
		if o.Metadata.Site != "" {
			fmt.Fprintf(&b, "  site: %s\n", word(o.Metadata.Site))
		}
		if o.Metadata.Version != 0 {
			fmt.Fprintf(&b, "  version: %d\n", o.Metadata.Version)
		}
		if len(o.Metadata.Labels) > 0 {
			b.WriteString("  labels:\n")
			for _, k := range keys(o.Metadata.Labels) {
				fmt.Fprintf(&b, "    %s: %s\n", word(k), word(o.Metadata.Labels[k]))
			}
		}
		b.WriteString("spec:")
		block(&b, o.Spec, 1)
	}
	return []byte(b.String())
}

// Plain is a value as YAML without anything around it.
func Plain(v object.Value) []byte {
	var b strings.Builder
	block(&b, v, 0)
	return []byte(strings.TrimLeft(b.String(), " \n"))
}

func keys(m map[string]string) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func word(s string) string {
	v, err := object.TextOf(s)
	if err != nil {
		return object.Quoted(strings.ToValidUTF8(s, "?"))
	}
	return v.Scalar()
}

// block writes a value behind its key or dash: what has branches on lines of its own.
func block(b *strings.Builder, v object.Value, depth int) {
	pad := strings.Repeat("  ", depth)
	switch {
	case v.Shape() == object.Map && len(v.Keys()) > 0:
		b.WriteByte('\n')
		for _, k := range ordered(v.Keys()) {
			w, _ := v.Get(k)
			b.WriteString(pad + word(k) + ":")
			block(b, w, depth+1)
		}
	case v.Shape() == object.List && len(v.Items()) > 0:
		b.WriteByte('\n')
		for _, w := range v.Items() {
			b.WriteString(pad + "-")
			block(b, w, depth+1)
		}
	default:
		b.WriteString(" " + v.Scalar() + "\n")
	}
}

// ordered puts the name first.
func ordered(all []string) []string {
	if i := slices.Index(all, "name"); i > 0 {
		return slices.Insert(slices.Delete(slices.Clone(all), i, i+1), 0, "name")
	}
	return all
}
