package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// The frame of our helper's lines: firmware and boot loaders write to the port as well.
const frameMark = "linuxp2v:"

const longestLine = 1 << 20

func framed(text string) string { return "\n" + frameMark + oneLine(text) + "\n" }

func oneLine(text string) string { return strings.NewReplacer("\r", "", "\n", " ").Replace(text) }

// readLines hands each framed line on, until the other end closes.
func readLines(from io.Reader, take func(string)) {
	lines := bufio.NewReaderSize(from, longestLine)
	for {
		line, err := lines.ReadString('\n')
		if at := strings.LastIndex(line, frameMark); at >= 0 && err == nil {
			take(strings.TrimRight(line[at+len(frameMark):], "\r\n"))
		}
		if err != nil {
			return
		}
	}
}

// announced is the guest's side of guestinfo: what it says stands in extraConfig, and its tools run.
func (m *machine) announced(line string) {
	vm := virtualMachine(m.vm)
	if vm == nil {
		return
	}
	m.mu.Lock()
	address := ""
	if m.alias != nil {
		address = m.alias.address
	}
	m.mu.Unlock()
	line, addresses, err := withAddress(line, address)
	if err != nil {
		log.Printf("%s: not JSON: %v", vm.Name, err)
		return
	}
	m.setByGuest(vm, announcementKey, line)
	values := map[string]types.AnyType{
		"guest.toolsRunningStatus":         string(types.VirtualMachineToolsRunningStatusGuestToolsRunning),
		"guest.toolsStatus":                types.VirtualMachineToolsStatusToolsOk,
		"guest.toolsVersionStatus2":        string(types.VirtualMachineToolsVersionStatusGuestToolsUnmanaged),
		"guest.guestState":                 "running",
		"summary.guest.toolsRunningStatus": string(types.VirtualMachineToolsRunningStatusGuestToolsRunning),
		"summary.guest.toolsStatus":        types.VirtualMachineToolsStatusToolsOk,
	}
	if len(addresses) > 0 {
		values["guest.ipAddress"] = addresses[0]
		values["summary.guest.ipAddress"] = addresses[0]
		values["guest.net"] = guestNet(vm, addresses)
	}
	update(vm, values)
}

// withAddress puts the VM's alias in the place of the address that the guest knows: QEMU's user network gives each guest
// the same one, which nobody else reaches. On vSphere a guest's own address is the one that others reach.
func withAddress(line, alias string) (string, []string, error) {
	// Raw, so that what the lab does not know passes as it is.
	var content map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &content); err != nil {
		return "", nil, err
	}
	var addresses []string
	_ = json.Unmarshal(content["addresses"], &addresses)
	if len(addresses) == 0 || alias == "" {
		return line, addresses, nil
	}
	addresses = []string{alias}
	content["addresses"], _ = json.Marshal(addresses)
	text, err := json.Marshal(content)
	return string(text), addresses, err
}

func guestNet(vm *simulator.VirtualMachine, addresses []string) (cards []types.GuestNicInfo) {
	simulator.Map.WithLock(vm, func() { cards = append(cards, vm.Guest.Net...) })
	if len(cards) > 0 {
		cards[0].IpAddress = addresses
	}
	return cards
}

// setByGuest remembers what the API had set before: a guest's values live in the memory of the running VM only.
func (m *machine) setByGuest(vm *simulator.VirtualMachine, key, value string) {
	m.mu.Lock()
	if _, known := m.before[key]; !known {
		m.before[key] = readExtraConfig(vm)[key]
	}
	m.mu.Unlock()
	setExtraConfig(vm, map[string]string{key: value})
}

func (m *machine) forgetGuestinfo(vm *simulator.VirtualMachine) {
	m.mu.Lock()
	before := m.before
	m.before = map[string]string{}
	m.mu.Unlock()
	if !m.lab.opt.keepGuestinfo && len(before) > 0 {
		setExtraConfig(vm, before)
	}
}

// clearGuest: no guest, no tools, no address.
func (m *machine) clearGuest(vm *simulator.VirtualMachine) {
	update(vm, map[string]types.AnyType{
		"guest.toolsRunningStatus":         string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning),
		"guest.toolsStatus":                types.VirtualMachineToolsStatusToolsNotRunning,
		"guest.guestState":                 "notRunning",
		"guest.ipAddress":                  "",
		"guest.net":                        guestNet(vm, nil),
		"summary.guest.ipAddress":          "",
		"summary.guest.toolsRunningStatus": string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning),
		"summary.guest.toolsStatus":        types.VirtualMachineToolsStatusToolsNotRunning,
	})
}

// afterReconfigure lets the running guest see what changed.
func (m *machine) afterReconfigure(vm *simulator.VirtualMachine, values map[string]string, changes []types.BaseVirtualDeviceConfigSpec) {
	m.mu.Lock()
	process := m.process
	for key := range values {
		delete(m.before, key)
		// What the API writes into the memory of a running VM goes with it; else it stays after a power-off.
		if process != nil && strings.HasPrefix(key, "guestinfo.") {
			m.before[key] = ""
		}
	}
	settings, isGiven := values[settingsKey]
	isNews := isGiven && process != nil && settings != "" && settings != m.settings
	if isNews {
		m.settings = settings
	}
	m.mu.Unlock()
	if isNews {
		process.send(settings)
	}
	if qemu, ok := process.(*qemuProcess); ok {
		qemu.applyEdits(changes)
	}
}
