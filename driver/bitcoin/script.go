package bitcoin

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// Network names a Bitcoin network.
type Network string

// The networks. Regtest is a chain of one's own, for tests.
const (
	Mainnet Network = "mainnet"
	Testnet Network = "testnet3"
	Signet  Network = "signet"
	Regtest Network = "regtest"
)

// params is what tells the network from the others.
func (n Network) params() (*chaincfg.Params, error) {
	switch n {
	case Mainnet:
		return &chaincfg.MainNetParams, nil
	case Testnet:
		return &chaincfg.TestNet3Params, nil
	case Signet:
		return &chaincfg.SigNetParams, nil
	case Regtest:
		return &chaincfg.RegressionNetParams, nil
	}
	return nil, fmt.Errorf("network %.20q: %w: write %s, %s, %s or %s", string(n), ErrConfig, Mainnet, Testnet, Signet, Regtest)
}

// genesis checks that a source follows this network.
func (n Network) genesis(ctx context.Context, p Place) error {
	net, err := n.params()
	if err != nil {
		return err
	}
	first, err := p.BlockAt(ctx, 0)
	if err == nil && first.Hash != net.GenesisHash.String() {
		return fmt.Errorf("%w: its first block is not that of %s: correct the address of the source or the network", ErrNetwork, n)
	}
	return err
}

// Script is what an output must say to belong to a watched address. It is made
// by reading a target only, and is comparable.
type Script struct {
	hex     string
	address string
}

// Hex is the script in hexadecimal.
func (s Script) Hex() string { return s.hex }

// Address is the script as people write it.
func (s Script) Address() string { return s.address }

// bytes is the script as it stands in a transaction.
func (s Script) bytes() []byte {
	b, _ := hex.DecodeString(s.hex) // made by scriptOf from bytes
	return b
}

// scriptOf is the script that pays an address.
func scriptOf(a address.Address) (Script, error) {
	b, err := txscript.PayToAddrScript(a)
	if err != nil {
		return Script{}, fmt.Errorf("%w: no script pays this kind of address", ErrTarget)
	}
	return Script{hex: hex.EncodeToString(b), address: a.EncodeAddress()}, nil
}
