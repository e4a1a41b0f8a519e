package wire

import "net"

// MAC is a hardware address in lower case with colons, or empty text when it is
// malformed or all zeros. Twelve digits without anything between them are one, too.
func MAC(stated string) string {
	if len(stated) == 12 {
		stated = stated[:4] + "." + stated[4:8] + "." + stated[8:]
	}
	a, err := net.ParseMAC(stated)
	if err != nil || len(a) != 6 {
		return ""
	}
	var some byte
	for _, b := range a {
		some |= b
	}
	if some == 0 {
		return ""
	}
	return a.String()
}
