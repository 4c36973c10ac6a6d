package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
)

// networkFor forwards the alias to the guest's sshd. Settings with an address of their own get a network that it is in:
// QEMU's user network otherwise has a fixed one.
func networkFor(settings, alias string) string {
	if alias == "" {
		return ""
	}
	plan, guest := "", ""
	if address, network, gateway := fixedAddress(settings); network != nil {
		taken := map[string]bool{address: true}
		if gateway == "" {
			gateway = freeAddress(network, taken)
		}
		taken[gateway] = true
		guest = address
		plan = fmt.Sprintf(",net=%s,host=%s,dns=%s,dhcpstart=%s", network, gateway, freeAddress(network, taken), address)
	}
	return fmt.Sprintf("%s,hostfwd=tcp:%s:22-%s:22", plan, alias, guest)
}

// fixedAddress is the first IPv4 address of the helper's settings, its network, and its gateway if that is in it.
func fixedAddress(settings string) (string, *net.IPNet, string) {
	var content struct {
		Network struct {
			Addresses []string `json:"addresses"`
			Gateways  []string `json:"gateways"`
		} `json:"network"`
	}
	_ = json.Unmarshal([]byte(settings), &content)
	for _, text := range content.Network.Addresses {
		address, network, err := net.ParseCIDR(text)
		if err != nil || address.To4() == nil {
			continue
		}
		for _, gateway := range content.Network.Gateways {
			if g := net.ParseIP(gateway); g != nil && g.To4() != nil && network.Contains(g) {
				return address.String(), network, gateway
			}
		}
		return address.String(), network, ""
	}
	return "", nil, ""
}

func freeAddress(network *net.IPNet, taken map[string]bool) string {
	next := binary.BigEndian.Uint32(network.IP.To4())
	for {
		next++
		candidate := make(net.IP, net.IPv4len)
		binary.BigEndian.PutUint32(candidate, next)
		if !taken[candidate.String()] {
			return candidate.String()
		}
	}
}
