package main

import (
	"bytes"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// agentProcess stands for a guest in a load test: a program outside any VM, whose framed lines are announcements.
type agentProcess struct {
	command *exec.Cmd
	input   io.WriteCloser
	ended   chan struct{}
}

func (m *machine) startAgent(name, settings string) (guestProcess, error) {
	p := &agentProcess{command: exec.Command(m.lab.opt.agentCommand, settings, name), ended: make(chan struct{})}
	var err error
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	journal, err := os.Create(filepath.Join(filepath.Dir(settings), "agent.log"))
	if err != nil {
		return nil, err
	}
	p.command.Stderr = journal
	err = startChild(p.command)
	_ = journal.Close()
	if err != nil {
		return nil, err
	}
	go func() {
		readLines(output, m.announced)
		log.Printf("agent of %s ended: %v", name, p.command.Wait())
		close(p.ended)
	}()
	return p, nil
}

func (p *agentProcess) id() int               { return p.command.Process.Pid }
func (p *agentProcess) done() <-chan struct{} { return p.ended }
func (p *agentProcess) kill()                 { _ = p.command.Process.Kill() }
func (p *agentProcess) shutDown()             { _ = p.command.Process.Signal(syscall.SIGTERM) }
func (p *agentProcess) send(settings string)  { _, _ = io.WriteString(p.input, framed(settings)) }

// reset: a program has none; another takes its place.
func (p *agentProcess) reset() bool { return false }

// suspend stops all that the agent's program started, or lets it go on.
func (p *agentProcess) suspend(isOn bool) {
	signal := syscall.SIGCONT
	if isOn {
		signal = syscall.SIGSTOP
	}
	for _, id := range descendantsOf(p.id()) {
		_ = syscall.Kill(id, signal)
	}
}

// descendantsOf lists a process and those below it, the uppermost first: a stopped one starts no more.
func descendantsOf(id int) []int {
	parents := map[int][]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// The name in parentheses may hold anything.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			parents[parent] = append(parents[parent], child)
		}
	}
	all := []int{id}
	for at := 0; at < len(all); at++ {
		all = append(all, parents[all[at]]...)
	}
	return all
}
