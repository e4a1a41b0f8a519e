package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sluice/driver/seal"
	"sluice/store/whole"
)

// sealFlags is what device seal takes.
type sealFlags struct {
	in, out, key, newKey string
	other                bool
}

func newDeviceSeal() *cobra.Command {
	var f sealFlags
	c := &cobra.Command{
		Use:   "seal",
		Short: "Encrypt a file of machine credentials",
		Long: `Encrypts a file of credentials, which is then given to --credentials like the
file itself. It is sealed with the key of --seal-key, else with the passphrase
in SLUICE_SEAL_PASSPHRASE, else with the systemd credential sluice-seal. The
file that is read stays where it is: remove it when the sealed one works.

--new-key makes a key file that only its owner may read. Keep a copy of it
elsewhere: without the key nothing opens what was sealed with it.
--other seals a file that holds no credentials of machines, such as the secret
of a provider for 'sluice room --oidc', as it stands.
The sealed file is one of the age tool's, which opens it as well.
` + exitHelp,
		Example: `  sluice device seal --new-key seal.key
  sluice device seal --in miners.csv --out miners.sealed --seal-key seal.key
  sluice device test 10.20.1.17 --network 10.20.0.0/16 --credentials miners.sealed --seal-key seal.key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.OutOrStdout()) },
	}
	c.Flags().StringVar(&f.in, "in", "", "file of lines family,user,password")
	c.Flags().StringVar(&f.out, "out", "", "sealed file to write; one that is there is replaced")
	c.Flags().StringVar(&f.key, "seal-key", "", "file with the key or the passphrase to seal with")
	c.Flags().BoolVar(&f.other, "other", false, "the file is another secret than credentials of machines: seal it as it stands")
	c.Flags().StringVar(&f.newKey, "new-key", "", "make a new key in this file")
	return c
}

// run makes a key, or seals a file.
func (f sealFlags) run(w io.Writer) error {
	switch {
	case f.newKey != "" && f.in == "" && f.out == "" && f.key == "":
		return f.makeKey(w)
	case f.newKey != "" || f.in == "" || f.out == "":
		return input(errors.New("write --in and --out to seal a file, or --new-key alone to make a key"))
	case same(f.in, f.out):
		return input(errors.New("--in and --out are the same file: write the sealed one beside it"))
	}
	return f.seal(w)
}

func (f sealFlags) makeKey(w io.Writer) error {
	_, text, err := seal.NewKey()
	if err != nil {
		return err
	}
	if err := whole.Create(f.newKey, whole.Private, whole.Text(text)); err != nil {
		return input(fmt.Errorf("--new-key: %w", err))
	}
	fmt.Fprintf(w, "made the key %s: keep a copy of it elsewhere, and seal with --seal-key %s\n", f.newKey, f.newKey)
	return nil
}

// seal checks what it seals first: a file with a fault would be found out when
// it is needed.
func (f sealFlags) seal(w io.Writer) error {
	text, err := seal.Plain(f.in)
	if err != nil {
		return input(err)
	}
	what, err := f.holds(text)
	if err != nil {
		return input(err)
	}
	key, err := seal.FindKey(f.key, os.Getenv)
	if err != nil {
		return input(err)
	}
	sealed, err := key.Seal(text)
	if err != nil {
		return err
	}
	if err := whole.Replace(f.out, whole.Private, whole.Text(sealed)); err != nil {
		return input(fmt.Errorf("--out: %w", err))
	}
	fmt.Fprintf(w, "sealed %s in %s; try it, then remove %s\n", what, f.out, f.in)
	return nil
}

// holds says what a file holds that is sealed.
func (f sealFlags) holds(text []byte) (string, error) {
	if f.other {
		return "what stands there", nil
	}
	b, err := seal.Parse(f.in, text, families())
	if err != nil {
		return "", err
	}
	of, at := b.Count()
	return fmt.Sprintf("%d credentials of families and %d of addresses", of, at), nil
}

// same reports whether two names mean one file.
func same(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	return filepath.Clean(a) == filepath.Clean(b)
}
