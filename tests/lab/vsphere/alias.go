package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const lockFolder = "/run/linuxp2v-vsphere-lab"

// alias is an address of this machine's loopback that stands for a guest: its port 22 is forwarded to the guest's, and
// host and other guests reach it alike. The lock makes it this process's; one that a killed lab left is taken over.
type alias struct {
	address string
	lock    *os.File
}

func takeAlias() (*alias, error) {
	if err := os.MkdirAll(lockFolder, 0o755); err != nil {
		return nil, err
	}
	for n := 1; n < 250; n++ {
		address := fmt.Sprintf("10.77.0.%d", n)
		lock, err := os.OpenFile(filepath.Join(lockFolder, address), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			_ = lock.Close()
			continue
		}
		// "replace" also takes the address that was left behind.
		if out, err := exec.Command("ip", "addr", "replace", address+"/32", "dev", "lo").CombinedOutput(); err != nil {
			_ = lock.Close()
			return nil, fmt.Errorf("ip addr replace %s: %s", address, out)
		}
		return &alias{address, lock}, nil
	}
	return nil, errors.New("all of 10.77.0.0/24 is taken")
}

func (a *alias) release() {
	_ = exec.Command("ip", "addr", "del", a.address+"/32", "dev", "lo").Run()
	_ = a.lock.Close()
}
