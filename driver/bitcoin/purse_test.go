package bitcoin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// purse holds a private key and can spend. It exists in tests only.
type purse struct {
	t    *testing.T
	key  *btcec.PrivateKey
	addr address.Address
}

func newPurse(t *testing.T, key *btcec.PrivateKey) purse {
	t.Helper()
	a, err := address.NewAddressWitnessPubKeyHash(address.Hash160(key.PubKey().SerializeCompressed()), regnet)
	if err != nil {
		t.Fatal(err)
	}
	return purse{t, key, a}
}

func poolPurse(t *testing.T) purse {
	t.Helper()
	seed := sha256.Sum256([]byte("a test of sluice, worth nothing"))
	key, _ := btcec.PrivKeyFromBytes(seed[:])
	return newPurse(t, key)
}

// account is m/84h/1h/0h of a test seed, private.
func account(t *testing.T) *hdkeychain.ExtendedKey {
	t.Helper()
	seed := sha256.Sum256([]byte("another test of sluice, worth nothing"))
	k, err := hdkeychain.NewMaster(seed[:], regnet)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []uint32{84, 1, 0} {
		k = derive(t, k, hdkeychain.HardenedKeyStart+i)
	}
	return k
}

func derive(t *testing.T, k *hdkeychain.ExtendedKey, path ...uint32) *hdkeychain.ExtendedKey {
	t.Helper()
	for _, i := range path {
		var err error
		if k, err = k.Derive(i); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// tpub is the account as a wallet shows it.
func tpub(t *testing.T) string {
	t.Helper()
	k, err := account(t).Neuter()
	if err != nil {
		t.Fatal(err)
	}
	return k.String()
}

// cold is the purse of one address of the account.
func cold(t *testing.T, branch, index uint32) purse {
	t.Helper()
	key, err := derive(t, account(t), branch, index).ECPrivKey()
	if err != nil {
		t.Fatal(err)
	}
	return newPurse(t, key)
}

func (p purse) script() []byte {
	p.t.Helper()
	b, err := txscript.PayToAddrScript(p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

type payment struct {
	to   purse
	sats int64
}

// spend signs a transaction that takes one output and pays; it returns its identifier and bytes.
func (p purse) spend(from Receipt, pay ...payment) (string, string) {
	p.t.Helper()
	hash, err := chainhash.NewHashFromStr(from.TxID)
	if err != nil {
		p.t.Fatal(err)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(hash, from.Vout), nil, nil))
	for _, x := range pay {
		tx.AddTxOut(wire.NewTxOut(x.sats, x.to.script()))
	}
	sums := txscript.NewTxSigHashes(tx, txscript.NewCannedPrevOutputFetcher(p.script(), int64(from.Satoshi)))
	tx.TxIn[0].Witness, err = txscript.WitnessSignature(tx, sums, 0, int64(from.Satoshi), p.script(), txscript.SigHashAll, p.key, true)
	if err != nil {
		p.t.Fatal(err)
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		p.t.Fatal(err)
	}
	return tx.TxHash().String(), hex.EncodeToString(raw.Bytes())
}
