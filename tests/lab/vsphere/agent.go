package main

import (
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
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

// reset: a program has no reset; it goes on.
func (p *agentProcess) reset() {}
