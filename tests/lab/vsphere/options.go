package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type options struct {
	model         string
	folder        string
	listen        string
	api           string
	users         []user
	datastores    []datastoreOption
	hosts         int
	clusters      int
	noQemu        bool
	agentCommand  string
	keepGuestinfo bool
	taskDelay     time.Duration
}

// datastoreOption is [POD/]NAME=GB[@HOST][+vsan]: in a datastore cluster, or mounted on one host only.
type datastoreOption struct {
	name, pod, host string
	capacity        int64
	isVsan          bool
}

func parseOptions(arguments []string) (*options, error) {
	opt := &options{}
	flags := flag.NewFlagSet("linuxp2v-vsphere-lab", flag.ContinueOnError)
	flags.StringVar(&opt.model, "model", "vcenter", "vcenter or esx")
	flags.StringVar(&opt.folder, "folder", "", "folder for datastores, logs and the certificate (required)")
	flags.StringVar(&opt.listen, "listen", "127.0.0.1:0", "address of the SDK")
	flags.StringVar(&opt.api, "api", "7.0.3.0", "API version to report")
	flags.IntVar(&opt.hosts, "hosts", 2, "hosts in each cluster")
	flags.IntVar(&opt.clusters, "clusters", 1, "clusters")
	flags.BoolVar(&opt.noQemu, "no-qemu", false, "power-on starts no QEMU")
	flags.StringVar(&opt.agentCommand, "agent-command", "", "with -no-qemu: power-on starts this program with the settings file and the VM's name")
	flags.BoolVar(&opt.keepGuestinfo, "keep-guestinfo", false, "what a guest set stays after its power-off (vSphere forgets it)")
	flags.DurationVar(&opt.taskDelay, "task-delay", 50*time.Millisecond, "how long every task takes at least")
	flags.Func("user", "NAME:PASSWORD:ROLE, repeatable; ROLE is Administrator, ReadOnly or NoAccess, less privileges: Administrator-Network.Assign", func(text string) error {
		u, err := parseUser(text)
		opt.users = append(opt.users, u)
		return err
	})
	flags.Func("datastore", "[POD/]NAME=GB[@HOST][+vsan], repeatable; replaces the usual ones", func(text string) error {
		d, err := parseDatastore(text)
		opt.datastores = append(opt.datastores, d)
		return err
	})
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected: %s", strings.Join(flags.Args(), " "))
	}
	if opt.model != "vcenter" && opt.model != "esx" {
		return nil, errors.New("-model is vcenter or esx")
	}
	if opt.folder == "" {
		return nil, errors.New("-folder is required")
	}
	if opt.agentCommand != "" && !opt.noQemu {
		return nil, errors.New("-agent-command needs -no-qemu")
	}
	opt.folder, _ = filepath.Abs(opt.folder)
	opt.useDefaults()
	return opt, nil
}

func (opt *options) useDefaults() {
	if len(opt.users) == 0 {
		for _, text := range []string{"admin:secret:Administrator", "reader:secret:ReadOnly", "nobody:secret:NoAccess"} {
			u, _ := parseUser(text)
			opt.users = append(opt.users, u)
		}
	}
	if len(opt.datastores) == 0 {
		usual := []string{"datastore1=40", "datastore2=100"}
		if opt.model == "vcenter" {
			usual = append(usual, "local-edge=20@esx-edge.lab", "pod1/pod1-a=60", "pod1/pod1-b=80")
		}
		for _, text := range usual {
			d, _ := parseDatastore(text)
			opt.datastores = append(opt.datastores, d)
		}
	}
}

func parseUser(text string) (user, error) {
	// The password may hold colons.
	first, last := strings.Index(text, ":"), strings.LastIndex(text, ":")
	if first <= 0 || last == first {
		return user{}, errors.New("a user is NAME:PASSWORD:ROLE")
	}
	r, err := parseRole(text[last+1:])
	return user{Name: text[:first], password: text[first+1 : last], Role: text[last+1:], role: r}, err
}

func parseDatastore(text string) (datastoreOption, error) {
	name, size, found := strings.Cut(text, "=")
	if !found {
		return datastoreOption{}, errors.New("a datastore is [POD/]NAME=GB[@HOST][+vsan]")
	}
	d := datastoreOption{name: name}
	if pod, rest, isInPod := strings.Cut(name, "/"); isInPod {
		d.pod, d.name = pod, rest
	}
	if rest := strings.TrimSuffix(size, "+vsan"); rest != size {
		size, d.isVsan = rest, true
	}
	size, d.host, _ = strings.Cut(size, "@")
	gigabytes, err := strconv.ParseFloat(size, 64)
	d.capacity = int64(gigabytes * (1 << 30))
	return d, err
}
