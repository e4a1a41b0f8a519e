package bitcoin

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Published in BIP 32, 49 and 84, in BIP 380, and in the wiki of Bitcoin.
const (
	bip84Public  = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
	bip84Private = "zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1yYNZKEm7z6qUWCroSQnE"
	bip84Words   = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	bip32Private = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
	bip49Private = "tprv8gRrNu65W2Msef2BdBSUgFdRTGzC8EwVXnV7UGS3faeXtuMVtGfEdidVeGbThs4ELEoayCAzZQ4uUji9DUiAs7erdVskqju7hrBcDvDsdbY"
	bip49Key     = "03a1af804ac108a8a51782198c2d034b28bf90c8803f5a53f76276fa69a4eae77f"
	bip32Public  = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
	wikiWIF      = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
	wikiHex      = "0C28FCA386C7A227600B2FE50B7CAE11EC86D3BF1FBE471BE89827E19D72AA1D"
)

func addresses(t *testing.T, n Network, gap int, lines ...string) []string {
	t.Helper()
	targets, err := ParseTargets(lines, n)
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := Watch{Network: n, Targets: targets, Gap: gap}.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range scripts {
		out = append(out, s.Address())
	}
	return out
}

// TestTargets derives what the standards publish.
func TestTargets(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		network Network
		target  string
		want    []string
	}{
		"account of BIP 84":    {Mainnet, bip84Public, []string{"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g", "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el", "bc1qggnasd834t54yulsep6fta8lpjekv4zj6gv5rf"}},
		"key of BIP 49":        {Testnet, "sh(wpkh(" + bip49Key + "))", []string{"2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"}},
		"an old address":       {Mainnet, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", []string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}},
		"taproot":              {Mainnet, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", []string{"bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"}},
		"capitals":             {Mainnet, "BC1QCR8TE4KR609GCAWUTMRZA0J4XV80JY8Z306FYU", []string{"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"}},
		"an address described": {Mainnet, "addr(bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu)", []string{"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"}},
		"one step of a key":    {Mainnet, "pkh([d34db33f/44h/0'/0h]" + bip32Public + "/1/7)", []string{""}},
		"rows of a key":        {Mainnet, "wpkh(" + bip32Public + "/<0;1>/*)", []string{"", "", "", ""}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := addresses(t, c.network, 2, c.target)
			if c.want[0] == "" && len(got) == len(c.want) {
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got, want := addresses(t, Mainnet, 3, bip32Public), addresses(t, Mainnet, 3, "wpkh("+bip32Public+"/<0;1>/*)"); !cmp.Equal(got, want) {
		t.Errorf("a bare xpub is %v, described it is %v", got, want)
	}
}

func TestDescriptorSum(t *testing.T) {
	t.Parallel()
	if got := descriptorSum("raw(deadbeef)"); got != "89f8spxm" {
		t.Errorf("the sum of BIP 380 is %s", got)
	}
	good := "wpkh(" + bip49Key + ")"
	good += "#" + descriptorSum(good)
	if _, err := ParseTarget(good, Mainnet); err != nil {
		t.Error(err)
	}
	if _, err := ParseTarget(good[:len(good)-1]+"!", Mainnet); !errors.Is(err, ErrTarget) {
		t.Errorf("a wrong sum: %v", err)
	}
}

// silent fails when an error repeats a piece of what was entered.
func silent(t interface {
	Helper()
	Errorf(format string, args ...any)
}, entered string, err error,
) {
	t.Helper()
	const piece = 10
	said := strings.ToLower(err.Error())
	entered = strings.ToLower(entered)
	for i := 0; i+piece <= len(entered); i++ {
		if strings.Contains(said, entered[i:i+piece]) {
			t.Errorf("an error repeats %d characters of what was entered", piece)
			return
		}
	}
}

// TestSecretsAreRefused: nothing that opens a wallet can be entered, and no
// refusal repeats it.
func TestSecretsAreRefused(t *testing.T) {
	t.Parallel()
	for sentence, text := range map[string]string{
		"a key to import":             wikiWIF,
		"a mistyped key to import":    wikiWIF[:20] + "A" + wikiWIF[21:],
		"a compressed key":            "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
		"a key of a test network":     "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA",
		"a key in hexadecimal":        wikiHex,
		"in small letters":            strings.ToLower(wikiHex),
		"with a prefix":               "0x" + wikiHex,
		"a seed in hexadecimal":       wikiHex + wikiHex,
		"an extended private key":     bip32Private,
		"mistyped":                    bip32Private[:50] + "A" + bip32Private[51:],
		"cut off":                     bip32Private[:40],
		"in capitals":                 strings.ToUpper(bip32Private),
		"of BIP 84":                   bip84Private,
		"of a test network":           bip49Private,
		"a seed":                      bip84Words,
		"a seed with numbers":         "1. zoo 2. wrong 3. zoo 4. wrong 5. zoo 6. wrong 7. zoo",
		"a seed with commas":          strings.ReplaceAll(bip84Words, " ", ","),
		"a seed in Spanish":           "ábaco abdomen abeja abierto abogado abono aborto abrazo abrir abuelo abuso acabar",
		"a descriptor with a key":     "wpkh([d34db33f/84h/0h/0h]" + bip32Private + "/0/*)",
		"a descriptor to import":      "pkh(" + wikiWIF + ")",
		"a descriptor with hex":       "wpkh(" + wikiHex + ")",
		"a descriptor of another":     "multi(1," + bip32Public + "," + bip32Private + ")",
		"behind other words":          "my wallet: " + wikiWIF,
		"an encrypted key":            "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
		"a mini key":                  "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy",
		"a shared seed":               "MS12NAMEA320ZYXWVUTSRQPNMLKJHGFEDCAXRPP870HKKQRM",
		"a key in a file":             "-----BEGIN EC PRIVATE\nMHQCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBnVJk5GkMaVVZ1",
		"a private key past a target": "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu " + bip84Private,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for _, n := range []Network{Mainnet, Testnet, Regtest} {
				_, err := ParseTarget(text, n)
				if !errors.Is(err, ErrSecret) {
					t.Fatalf("on %s: %v", n, err)
				}
				silent(t, text, err)
			}
			_, err := ParseTargets([]string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", text}, Mainnet)
			if !errors.Is(err, ErrSecret) || !strings.Contains(err.Error(), "target 2") {
				t.Errorf("in a list: %v", err)
			}
			silent(t, text, err)
		})
	}
}

// TestEverySecretIsRefused does the same with keys that nobody chose.
func TestEverySecretIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		seed[0] |= 1
		net := rapid.SampledFrom([]*chaincfg.Params{&chaincfg.MainNetParams, regnet}).Draw(t, "net")
		key, _ := btcec.PrivKeyFromBytes(seed)
		wif, err := btcutil.NewWIF(key, net, rapid.Bool().Draw(t, "compressed"))
		if err != nil {
			t.Fatal(err)
		}
		master, err := hdkeychain.NewMaster(seed, net)
		if err != nil {
			t.Skip("SKIPPED, NOT A CASE: this seed makes no key")
		}
		for _, text := range []string{wif.String(), hex.EncodeToString(seed), master.String(), "wpkh(" + master.String() + "/0/*)", "pkh(" + wif.String() + ")"} {
			_, err := ParseTarget(text, Mainnet)
			if !errors.Is(err, ErrSecret) {
				t.Fatalf("a secret was not refused as such: %v", err)
			}
			silent(t, text, err)
		}
		public, err := master.Neuter()
		if err != nil {
			t.Fatal(err)
		}
		n := Network(net.Name)
		if _, err := ParseTarget(public.String(), n); err != nil {
			t.Fatalf("a public key was refused: %v", err)
		}
		if _, err := ParseTarget("wpkh([00112233/84h/1h/0h]"+public.String()+"/<0;1>/*)", n); err != nil {
			t.Fatalf("a public descriptor was refused: %v", err)
		}
	})
}

// TestTargetsAreRefused: other faults do not repeat the text either, for it may
// be a secret that nobody recognised.
func TestTargetsAreRefused(t *testing.T) {
	t.Parallel()
	for sentence, text := range map[string]string{
		"nothing":                    " ",
		"too long":                   strings.Repeat("q", targetMost+1),
		"a mistyped address":         "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyv",
		"an address of another net":  "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
		"an old one of another net":  "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2",
		"a bare public key":          bip49Key,
		"a mistyped extended key":    bip84Public[:30] + "A" + bip84Public[31:],
		"a key of another net":       "tpubD6NzVbkrYhZ4XgiXtGrdW5XDAPFCL9h7we1vwNCpn8tGbBcgfVYjXyhWo4E1xkh56hjod1RhGjxbaTLV3X4FyWuejifB9jusQ46QzG87VKp",
		"a script":                   "raw(deadbeefdeadbeef01)",
		"several keys":               "wsh(multi(1," + bip49Key + "," + bip49Key + "))",
		"an unclosed descriptor":     "sh(wpkh(" + bip49Key + ")",
		"hardened steps":             "wpkh(" + bip32Public + "/0h/*)",
		"a step too large":           "wpkh(" + bip32Public + "/2147483648/*)",
		"a step twice":               "wpkh(" + bip32Public + "/<1;1>/*)",
		"too many rows":              "wpkh(" + bip32Public + "/<0;1>/<0;1>/<0;1>/<0;1>/*)",
		"a path behind a single key": "wpkh(" + bip49Key + "/0/*)",
		"no point of the curve":      "wpkh(02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff)",
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, err := ParseTarget(text, Mainnet)
			if !errors.Is(err, ErrTarget) {
				t.Fatal(err)
			}
			silent(t, text, err)
		})
	}
	if _, err := ParseTarget(bip84Public, "dogecoin"); !errors.Is(err, ErrConfig) {
		t.Errorf("another network: %v", err)
	}
}

// FuzzParseTarget looks for a text that breaks the parser, or that an error repeats.
func FuzzParseTarget(f *testing.F) {
	for _, text := range []string{bip84Public, bip84Private, bip84Words, wikiWIF, wikiHex, "wpkh([d34db33f/84h/0h/0h]" + bip32Public + "/<0;1>/*)#qqqqqqqq", "sh(wpkh(" + bip49Key + "))", "addr(1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseTarget(text, Mainnet)
		if err == nil {
			if _, err := (Watch{Network: Mainnet, Targets: []Target{target}, Gap: 1}).Scripts(); err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, ErrTarget) && !errors.Is(err, ErrSecret) {
			t.Errorf("neither refusal: %v", err)
		}
		if len(text) >= 24 && strings.Contains(err.Error(), text) {
			t.Error("the error repeats the text")
		}
	})
}
