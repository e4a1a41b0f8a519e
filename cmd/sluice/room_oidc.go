package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/driver/seal"
	"sluice/driver/yamlfile"
	"sluice/people"
	"sluice/server/room"
)

// providersMost bounds the file of --oidc, bytes.
const providersMost = 64 << 10

// rawProviders is the file of --oidc as it is written.
type rawProviders struct {
	Providers []rawProvider `yaml:"providers"`
}

type rawProvider struct {
	Name     string              `yaml:"name"`
	Label    string              `yaml:"label"`
	Issuer   string              `yaml:"issuer"`
	ClientID string              `yaml:"client_id"`
	Secret   string              `yaml:"client_secret_file"`
	Scopes   []string            `yaml:"scopes"`
	Claim    string              `yaml:"groups_claim"`
	Groups   map[string]rawGrant `yaml:"groups"`
	Factors  []string            `yaml:"second_factors"`
	Fresh    bool                `yaml:"fresh"`
}

type rawGrant struct {
	Role   string `yaml:"role"`
	Site   string `yaml:"site"`
	Tenant string `yaml:"tenant"`
}

// providersFile reads who else may say who somebody is. Names of files count from where
// it lies. The error names everything that is wrong, by line, and what to write.
func providersFile(name, sealKey string) ([]room.Provider, error) {
	f, err := os.Open(name) //nolint:gosec // named by who runs the program
	if err != nil {
		return nil, fmt.Errorf("--oidc: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	text, err := yamlfile.Shelf{Kind: "provider", Most: providersMost}.Read(f, name)
	if err != nil {
		return nil, fmt.Errorf("--oidc: %w", err)
	}
	b := providersReader{name: name, key: sealKey}
	if b.lines, err = yamlfile.Read(text, &b.in); err != nil {
		return nil, fmt.Errorf("--oidc %s: %w", name, err)
	}
	out := b.read()
	if err := errors.Join(b.faults...); err != nil {
		return nil, fmt.Errorf("--oidc: %w", err)
	}
	return out, nil
}

// providersReader collects everything that is wrong with a file.
type providersReader struct {
	name, key string
	in        rawProviders
	lines     yamlfile.Lines
	faults    []error
}

// fault notes what is wrong with what stands at a path.
func (b *providersReader) fault(path, format string, a ...any) {
	b.faults = append(b.faults, fmt.Errorf("%s:%d: %s: %w", b.name, max(1, b.lines.Of("$."+path)), path, fmt.Errorf(format, a...)))
}

func (b *providersReader) read() (out []room.Provider) {
	if len(b.in.Providers) == 0 {
		b.fault("providers", "there is none: write one with name, issuer and client_id")
	}
	seen := map[string]bool{}
	for i, x := range b.in.Providers {
		at := fmt.Sprintf("providers[%d]", i)
		if seen[x.Name] {
			b.fault(at+".name", "%q is there twice: give each its own", x.Name)
		}
		seen[x.Name] = true
		out = append(out, b.provider(at, x))
	}
	return out
}

func (b *providersReader) provider(at string, x rawProvider) room.Provider {
	p := room.Provider{
		Name: x.Name, Label: x.Label, Issuer: x.Issuer, ClientID: x.ClientID, Scopes: x.Scopes, GroupsClaim: x.Claim,
		Factors: x.Factors, Fresh: x.Fresh, Groups: map[string]people.Grant{},
	}
	if x.Name == "" || strings.Trim(x.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		b.fault(at+".name", "%q: write small letters, digits and dashes, such as corp: it stands in addresses", x.Name)
	}
	if !room.Secured(x.Issuer) {
		b.fault(at+".issuer", "%q: write the address with https:// by which the provider calls itself, such as https://login.example", x.Issuer)
	}
	if x.ClientID == "" {
		b.fault(at+".client_id", "it is missing: the provider gives one to each program that is registered there")
	}
	if x.Secret != "" {
		p.Secret = b.secret(at+".client_secret_file", x.Secret)
	}
	for group, g := range x.Groups {
		p.Groups[group] = b.grant(at+".groups", group, g)
	}
	return p
}

// secret reads the one of a provider.
func (b *providersReader) secret(at, file string) people.Secret {
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(b.name), file)
	}
	text, err := seal.Secret(file, b.key, os.Getenv)
	if err != nil {
		b.fault(at, "%w; write the secret there, for the owner alone, or sealed by 'sluice device seal --other'", err)
	}
	return people.Hide(text)
}

// grant is the role of a group. No group makes an administrator.
func (b *providersReader) grant(at, group string, x rawGrant) people.Grant {
	g := people.Grant{Role: people.Role(x.Role), Site: x.Site, Tenant: x.Tenant}
	at += fmt.Sprintf("['%s']", strings.ReplaceAll(group, "'", `\'`))
	switch {
	case !slices.Contains(people.Roles(), g.Role):
		b.fault(at+".role", "%q is no role: write one of docs/people.md, such as viewer or operator", x.Role)
	case g.Role == people.Admin:
		b.fault(at+".role", "no group makes an administrator: two people do; choose another role")
	default:
		if err := g.Validate(); err != nil {
			b.fault(at, "%w", err)
		}
	}
	return g
}
