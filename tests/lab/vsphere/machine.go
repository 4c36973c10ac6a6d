package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	settingsKey     = "guestinfo.linuxp2v.settings"
	settingsCopyKey = "linuxp2v.settings"
	announcementKey = "guestinfo.linuxp2v.announcement"
	settingsFile    = "linuxp2v-settings.json"
	endTimeout      = 5 * time.Second
)

type machines struct {
	mu    sync.Mutex
	known map[ref]*machine
	// CreateVM's checks and the simulator's act belong together.
	creation sync.Mutex
	lab      *lab
}

// machine is what runs behind a VM of the inventory.
type machine struct {
	lab *lab
	vm  ref
	// One operation at a time; the guest's own end is one.
	turn sync.Mutex
	// Below turn: what the serial reader touches too.
	mu      sync.Mutex
	process guestProcess
	alias   *alias
	// The settings that the running guest has read or was sent.
	settings string
	// What stood in extraConfig before the guest set a key.
	before map[string]string
}

// guestProcess is a QEMU, or an agent that runs without a VM.
type guestProcess interface {
	id() int
	kill()
	// done is closed when the process has ended and its last line was read.
	done() <-chan struct{}
	send(settings string)
	// reset says whether it can be done without a new process.
	reset() bool
	// suspend stops its clock: a guest that hangs, or waits with a question.
	suspend(isOn bool)
	shutDown()
}

func (m *machines) of(vm ref) *machine {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[vm] == nil {
		m.known[vm] = &machine{lab: m.lab, vm: vm, before: map[string]string{}}
	}
	return m.known[vm]
}

func (m *machines) forget(vm ref) {
	m.mu.Lock()
	gone := m.known[vm]
	delete(m.known, vm)
	m.mu.Unlock()
	if gone != nil && gone.alias != nil {
		gone.alias.release()
	}
}

func (m *machines) endAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	timeout := time.After(endTimeout)
	for _, each := range m.known {
		if running := each.running(); running != nil {
			running.kill()
			// Gone before the lab is: a test looks right after.
			select {
			case <-running.done():
			case <-timeout:
			}
		}
		if each.alias != nil {
			each.alias.release()
		}
	}
}

func (m *machine) running() guestProcess {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process
}

func (m *machine) setRunning(process guestProcess) {
	m.mu.Lock()
	m.process = process
	m.mu.Unlock()
}

// powerOn and the other operations are called with the turn taken.
func (m *machine) powerOn(vm *simulator.VirtualMachine) types.BaseMethodFault {
	if state := powerState(vm); state != types.VirtualMachinePowerStatePoweredOff {
		return &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: state}
	}
	if host, ok := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem); ok {
		if fault := hostUnable(host); fault != nil {
			return fault
		}
	}
	generateMacs(vm)
	if fault := m.start(vm); fault != nil {
		return fault
	}
	update(vm, map[string]types.AnyType{
		"runtime.powerState":         types.VirtualMachinePowerStatePoweredOn,
		"summary.runtime.powerState": types.VirtualMachinePowerStatePoweredOn,
		"runtime.bootTime":           time.Now(),
		"guest.guestState":           "notRunning",
	})
	return nil
}

func (m *machine) start(vm *simulator.VirtualMachine) types.BaseMethodFault {
	settings := readExtraConfig(vm)[settingsKey]
	m.mu.Lock()
	m.settings = settings
	m.mu.Unlock()
	file := filepath.Join(filepath.Dir(fileOf(vm.Config.Files.VmPathName)), settingsFile)
	_ = os.Remove(file)
	if settings != "" {
		if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
			return &types.SystemError{Reason: err.Error()}
		}
	}
	var process guestProcess
	var err error
	switch {
	case !m.lab.opt.noQemu:
		process, err = m.startQemu(vm, file, settings)
	case m.lab.opt.agentCommand != "" && (settings != "" || readExtraConfig(vm)[settingsCopyKey] != ""):
		// A helper may have lost its settings with its host: it waits for new ones.
		process, err = m.startAgent(vm.Name, file)
	default:
		return nil
	}
	if err != nil {
		log.Printf("%s did not start: %v", vm.Name, err)
		return &types.SystemError{Reason: err.Error()}
	}
	m.setRunning(process)
	go m.watch(process)
	return nil
}

// watch turns the end of a guest into the VM's power-off.
func (m *machine) watch(process guestProcess) {
	<-process.done()
	m.turn.Lock()
	defer m.turn.Unlock()
	if m.running() != process {
		return
	}
	m.setRunning(nil)
	if vm := virtualMachine(m.vm); vm != nil {
		m.markOff(vm)
	}
}

func (m *machine) powerOff(vm *simulator.VirtualMachine) types.BaseMethodFault {
	if state := powerState(vm); state == types.VirtualMachinePowerStatePoweredOff {
		return &types.InvalidPowerState{RequestedState: state, ExistingState: state}
	}
	m.stop()
	m.markOff(vm)
	return nil
}

func (m *machine) stop() {
	if process := m.running(); process != nil {
		m.setRunning(nil)
		process.kill()
		<-process.done()
	}
}

func (m *machine) reset(vm *simulator.VirtualMachine) types.BaseMethodFault {
	if state := powerState(vm); state != types.VirtualMachinePowerStatePoweredOn {
		return &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: state}
	}
	process := m.running()
	if process == nil {
		return nil
	}
	m.mu.Lock()
	isSame := m.settings == readExtraConfig(vm)[settingsKey]
	m.mu.Unlock()
	m.clearGuest(vm)
	if isSame && process.reset() {
		return nil
	}
	// A QEMU keeps the settings that it started with; guestinfo is read anew.
	m.stop()
	return m.start(vm)
}

// failOver: the host dies, and HA starts the VM on another one. Nobody asked for it, and nobody sees it off.
func (m *machine) failOver(host string) error {
	vm := virtualMachine(m.vm)
	m.turn.Lock()
	defer m.turn.Unlock()
	m.stop()
	m.forgetGuestinfo(vm)
	m.clearGuest(vm)
	if host != "" {
		target := hostNamed(host)
		if target == nil {
			return fmt.Errorf("no such host: %q", host)
		}
		if fault := moveToHost(vm, target.Reference()); fault != nil {
			return fmt.Errorf("%T", fault)
		}
	}
	if fault := m.start(vm); fault != nil {
		return fmt.Errorf("%T", fault)
	}
	update(vm, map[string]types.AnyType{"runtime.bootTime": time.Now()})
	return nil
}

func (m *machine) markOff(vm *simulator.VirtualMachine) {
	m.forgetGuestinfo(vm)
	m.clearGuest(vm)
	update(vm, map[string]types.AnyType{
		"runtime.powerState":         types.VirtualMachinePowerStatePoweredOff,
		"summary.runtime.powerState": types.VirtualMachinePowerStatePoweredOff,
		"runtime.bootTime":           nil,
	})
	m.lab.refreshDatastores()
}

func (l *lab) shutdownGuest(c *call) soap.HasFault {
	if fault := l.askGuest(c.this, guestProcess.shutDown); fault != nil {
		return refusal(fault)
	}
	return answer(&types.ShutdownGuestResponse{})
}

func (l *lab) rebootGuest(c *call) soap.HasFault {
	if fault := l.askGuest(c.this, func(process guestProcess) { process.reset() }); fault != nil {
		return refusal(fault)
	}
	return answer(&types.RebootGuestResponse{})
}

// askGuest needs tools in the guest, as vSphere does.
func (l *lab) askGuest(vm ref, ask func(guestProcess)) types.BaseMethodFault {
	found := virtualMachine(vm)
	if found == nil {
		return &types.ManagedObjectNotFound{Obj: vm}
	}
	if state := powerState(found); state != types.VirtualMachinePowerStatePoweredOn {
		return &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: state}
	}
	var tools string
	simulator.Map.WithLock(found, func() { tools = found.Guest.ToolsRunningStatus })
	if tools != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		return &types.ToolsUnavailable{}
	}
	m := l.machines.of(vm)
	if process := m.running(); process != nil {
		ask(process)
		return nil
	}
	m.turn.Lock()
	defer m.turn.Unlock()
	m.markOff(found)
	return nil
}
