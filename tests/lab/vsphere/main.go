// A vSphere on one box: govmomi's simulator answers, and what it leaves out stands in front of it. See README.md.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	opt, err := parseOptions(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "linuxp2v-vsphere-lab:", err)
		os.Exit(64)
	}
	if err := run(opt); err != nil {
		fmt.Fprintln(os.Stderr, "linuxp2v-vsphere-lab:", err)
		os.Exit(1)
	}
}

func run(opt *options) error {
	if err := os.MkdirAll(opt.folder, 0o700); err != nil {
		return err
	}
	journal, err := os.OpenFile(filepath.Join(opt.folder, "lab.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer journal.Close()
	log.SetOutput(journal)
	log.SetFlags(log.Ltime | log.Lmicroseconds)

	l, err := newLab(opt)
	if err != nil {
		return err
	}
	defer l.close()

	line, err := json.Marshal(l.announcement())
	if err != nil {
		return err
	}
	fmt.Println(string(line))

	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		// Whoever started the lab holds its input: when that one dies, so does the lab.
		_, _ = io.Copy(io.Discard, os.Stdin)
		end <- syscall.SIGTERM
	}()
	<-end
	return nil
}
