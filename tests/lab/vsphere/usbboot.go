package main

import (
	"log"
	"regexp"
	"time"
)

const usbDevice = "bootstandin"

// An address in the upper half is the kernel's; OVMF and GRUB run in the lower.
var kernelAddress = regexp.MustCompile(`RIP=ffffffff[0-9a-f]{8}`)

// pullUsbDisk takes the stand-in of the boot disk away once the kernel runs, before it looks at USB: what boots sees the
// real controller only. The firmware sees the stand-in because it drives no SCSI; ESXi's does.
func (p *qemuProcess) pullUsbDisk() {
	for {
		select {
		case <-p.ended:
			return
		case <-time.After(100 * time.Millisecond):
		}
		registers, err := p.qmp.execute("human-monitor-command", map[string]interface{}{"command-line": "info registers"})
		if err != nil {
			return
		}
		if kernelAddress.Match(registers) {
			_, err := p.qmp.execute("device_del", map[string]interface{}{"id": usbDevice})
			log.Printf("the kernel runs: boot stand-in pulled (%v)", err)
			return
		}
	}
}
