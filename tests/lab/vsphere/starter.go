package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// starts runs every child's start on one thread that lives as long as the lab: Linux ends a child with Pdeathsig when
// the thread that started it ends, and Go's threads come and go.
var starts = func() chan func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range queue {
			start()
		}
	}()
	return queue
}()

func startChild(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	result := make(chan error)
	starts <- func() { result <- command.Start() }
	return <-result
}
