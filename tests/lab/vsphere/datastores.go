package main

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

func allDatastores() []*simulator.Datastore {
	var all []*simulator.Datastore
	for _, entity := range simulator.Map.All("Datastore") {
		if ds, ok := entity.(*simulator.Datastore); ok {
			all = append(all, ds)
		}
	}
	return all
}

func datastoreNamed(name string) *simulator.Datastore {
	for _, ds := range allDatastores() {
		if ds.Name == name {
			return ds
		}
	}
	return nil
}

func datastoreOfPath(path string) *simulator.Datastore {
	var p object.DatastorePath
	if !p.FromString(path) {
		return nil
	}
	return datastoreNamed(p.Datastore)
}

// fileOf is where a datastore path lies on this machine; empty for none.
func fileOf(path string) string {
	var p object.DatastorePath
	if !p.FromString(path) {
		return ""
	}
	ds := datastoreNamed(p.Datastore)
	if ds == nil {
		return ""
	}
	return inside(ds, p.Path)
}

// inside keeps a path within its datastore.
func inside(ds *simulator.Datastore, path string) string {
	return filepath.Join(ds.Info.GetDatastoreInfo().Url, filepath.Clean("/"+path))
}

func (l *lab) capacityOf(name string) int64 {
	for i := range l.opt.datastores {
		if l.opt.datastores[i].name == name {
			return l.opt.datastores[i].capacity
		}
	}
	return 0
}

// refreshDatastores tells capacity as configured, and free space from what the files of each datastore take.
func (l *lab) refreshDatastores() {
	for _, ds := range allDatastores() {
		capacity := l.capacityOf(ds.Name)
		free := capacity - usedBytes(ds.Info.GetDatastoreInfo().Url)
		if free < 0 {
			free = 0
		}
		var isSame bool
		simulator.Map.WithLock(ds, func() {
			isSame = ds.Summary.Capacity == capacity && ds.Summary.FreeSpace == free
			info := ds.Info.GetDatastoreInfo()
			info.FreeSpace, info.MaxFileSize = free, 62<<40
			if vmfs, ok := ds.Info.(*types.LocalDatastoreInfo); ok {
				vmfs.FreeSpace = free
			}
		})
		if !isSame {
			update(ds, map[string]types.AnyType{"summary.capacity": capacity, "summary.freeSpace": free})
		}
	}
}

func freeBytes(ds *simulator.Datastore) (free int64) {
	simulator.Map.WithLock(ds, func() { free = ds.Summary.FreeSpace })
	return free
}

// usedBytes counts blocks, but a thick disk as large as it is: its file here is sparse all the same.
func usedBytes(dir string) int64 {
	var used int64
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return nil
		}
		if strings.HasSuffix(path, "-flat.vmdk") && !isThin(strings.TrimSuffix(path, "-flat.vmdk")+".vmdk") {
			used += info.Size()
		} else if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			used += stat.Blocks * 512
		}
		return nil
	})
	return used
}

func isThin(descriptor string) bool {
	file, err := os.Open(descriptor)
	if err != nil {
		return false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ddb.thinProvisioned") {
			return true
		}
	}
	return false
}
