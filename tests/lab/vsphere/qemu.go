package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// qemuProcess is the QEMU behind a VM that is on.
type qemuProcess struct {
	command *exec.Cmd
	qmp     *qmp
	serial  *os.File
	ended   chan struct{}
}

func (m *machine) startQemu(vm *simulator.VirtualMachine, settingsPath, settings string) (guestProcess, error) {
	plan, err := planQemu(vm)
	if err != nil {
		return nil, err
	}
	if err := m.ensureAlias(len(plan.cards)); err != nil {
		return nil, err
	}
	if settings != "" {
		plan.settingsFile = settingsPath
	}
	plan.network = networkFor(settings, m.aliasAddress())
	if err := plan.prepareFirmware(); err != nil {
		return nil, err
	}
	ownQmp, itsQmp, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer itsQmp.Close()
	ownSerial, itsSerial, err := socketPair()
	if err != nil {
		_ = ownQmp.Close()
		return nil, err
	}
	defer itsSerial.Close()
	journal, err := os.Create(filepath.Join(plan.folder, "qemu.log"))
	if err != nil {
		return nil, err
	}
	defer journal.Close()

	p := &qemuProcess{command: exec.Command("qemu-system-x86_64", plan.arguments(3, 4)...), serial: ownSerial, ended: make(chan struct{})}
	p.command.Dir = plan.folder
	p.command.ExtraFiles = []*os.File{itsQmp, itsSerial}
	p.command.Stdout, p.command.Stderr = journal, journal
	if err := startChild(p.command); err != nil {
		return nil, err
	}
	exited := make(chan struct{})
	go func() {
		log.Printf("QEMU of %s ended: %v", vm.Name, p.command.Wait())
		close(exited)
	}()
	go func() {
		readLines(ownSerial, m.announced)
		<-exited
		_ = ownSerial.Close()
		close(p.ended)
	}()
	if p.qmp, err = connectQmp(ownQmp); err != nil {
		p.kill()
		<-p.ended
		words, _ := os.ReadFile(filepath.Join(plan.folder, "qemu.log"))
		return nil, fmt.Errorf("QEMU ended at once: %s", words)
	}
	for _, card := range plan.cards {
		if connectable := card.GetVirtualDevice().Connectable; connectable != nil && !connectable.StartConnected {
			p.setLink(card.GetVirtualDevice().Key, false)
		}
	}
	if plan.usbBoot {
		go p.pullUsbDisk()
	}
	return p, nil
}

func (m *machine) ensureAlias(cards int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alias != nil || cards == 0 {
		return nil
	}
	taken, err := takeAlias()
	m.alias = taken
	return err
}

func (m *machine) aliasAddress() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alias == nil {
		return ""
	}
	return m.alias.address
}

func socketPair() (own, other *os.File, err error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	// Our end only: Go then waits for it without a thread of its own, and Close ends a read.
	_ = syscall.SetNonblock(pair[0], true)
	return os.NewFile(uintptr(pair[0]), "lab"), os.NewFile(uintptr(pair[1]), "qemu"), nil
}

func (p *qemuProcess) id() int               { return p.command.Process.Pid }
func (p *qemuProcess) done() <-chan struct{} { return p.ended }
func (p *qemuProcess) kill()                 { _ = p.command.Process.Kill() }
func (p *qemuProcess) shutDown()             { _, _ = p.qmp.execute("system_powerdown", nil) }
func (p *qemuProcess) send(settings string)  { _, _ = io.WriteString(p.serial, framed(settings)) }

func (p *qemuProcess) reset() bool {
	_, _ = p.qmp.execute("system_reset", nil)
	return true
}

// suspend stops the guest's clock: for tests of a guest that hangs.
func (p *qemuProcess) suspend(isOn bool) {
	command := "cont"
	if isOn {
		command = "stop"
	}
	_, _ = p.qmp.execute(command, nil)
}

func (p *qemuProcess) setLink(key int32, isUp bool) {
	_, _ = p.qmp.execute("set_link", map[string]interface{}{"name": cardName(key), "up": isUp})
}

// applyEdits does to the running QEMU what an edit of a CD or a card says.
func (p *qemuProcess) applyEdits(changes []types.BaseVirtualDeviceConfigSpec) {
	for _, each := range changes {
		device := each.GetVirtualDeviceConfigSpec().Device
		connectable := device.GetVirtualDevice().Connectable
		isConnected := connectable != nil && connectable.Connected
		switch d := device.(type) {
		case types.BaseVirtualEthernetCard:
			p.setLink(d.GetVirtualEthernetCard().Key, isConnected)
		case *types.VirtualCdrom:
			file := isoFile(d)
			if !isConnected || file == "" {
				_, _ = p.qmp.execute("eject", map[string]interface{}{"id": cdName(d.Key), "force": true})
				continue
			}
			_, _ = p.qmp.execute("blockdev-change-medium", map[string]interface{}{
				"id": cdName(d.Key), "filename": file, "format": "raw", "read-only-mode": "read-only", "force": true,
			})
		}
	}
}
