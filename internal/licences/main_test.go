package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKindOf knows licences by their words.
func TestKindOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                          "Apache-2.0",
		"Permission is hereby granted, free of\ncharge, to any person":                          "MIT",
		"Redistribution and use in source and binary forms ... Neither the name of":             "BSD-3-Clause",
		"Redistribution and use in source and\n binary forms, with or without":                  "BSD-2-Clause",
		"Permission to use, copy, modify, and/or distribute this software":                      "ISC",
		"Mozilla Public License Version 2.0\n====":                                              "MPL-2.0",
		"This is free and unencumbered software released":                                       "Unlicense",
		"GNU GENERAL PUBLIC LICENSE Version 3 ... Permission is hereby granted, free of charge": seeText,
		"All rights reserved.": seeText,
		"":                     seeText,
	} {
		if got := kindOf(text); got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
}

// TestOfNPM takes what is not for development, and refuses what has no licence.
func TestOfNPM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("package-lock.json", `{"packages":{"":{"version":"0"},"node_modules/a":{"version":"1.0.0","license":"MIT"},"node_modules/@x/b":{"version":"2.0.0"},
		"node_modules/a/node_modules/c":{"version":"3.0.0","license":"0BSD"},"node_modules/d":{"version":"4.0.0","license":"MIT","dev":true},"node_modules/highs":{"version":"5.0.0","license":"MIT","dev":true}}}`)
	put("node_modules/highs/LICENSE", "HiGHS")
	put("node_modules/a/LICENSE.md", "Copyright A\r\n")
	put("node_modules/a/NOTICE", "Notice of A")
	put("node_modules/@x/b/LICENCE", "Permission is hereby granted, free of charge")
	put("node_modules/a/node_modules/c/index.js", "")
	all, err := ofNPM(dir)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b part) int { return strings.Compare(a.Version, b.Version) })
	want := []part{{"a", "1.0.0", "npm", "MIT", "Copyright A\n\nNotice of A"}, {"@x/b", "2.0.0", "npm", "MIT", "Permission is hereby granted, free of charge"}, {"c", "3.0.0", "npm", "0BSD", ""}, {"highs", "5.0.0", "npm", "MIT", "HiGHS"}}
	if !slices.Equal(all, want) {
		t.Errorf("%+v", all)
	}
	put("node_modules/@x/b/LICENCE", "")
	if _, err := ofNPM(dir); err == nil || !strings.Contains(err.Error(), "@x/b") {
		t.Errorf("one without a licence: %v", err)
	}
}

// TestOfGo finds the modules of this very program, each with its text.
func TestOfGo(t *testing.T) {
	t.Parallel()
	all, err := ofGo(t.Context(), "sluice/cmd/sluice")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Go", "sluice", "github.com/spf13/cobra", "github.com/danielgtaylor/huma/v2"} {
		i := slices.IndexFunc(all, func(p part) bool { return p.Name == name })
		if i < 0 || all[i].Text == "" || all[i].Licence == "" {
			t.Errorf("%s is missing", name)
		}
	}
	unknown := 0
	for _, p := range all {
		if p.Licence == seeText {
			unknown++
			t.Log(p.Name)
		}
	}
	if unknown > 3 {
		t.Errorf("%d licences are not known by their words", unknown)
	}
	if text, err := json.Marshal(all); err != nil || len(text) < 10_000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
