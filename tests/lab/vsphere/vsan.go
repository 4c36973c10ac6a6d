package main

import (
	"os"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// A vSAN has no folders at the top but namespaces: an id, with a name that leads to it.

func isVsan(name string) bool {
	ds := datastoreNamed(name)
	return ds != nil && ds.Summary.Type == "vsan"
}

// newNamespace makes one and gives its id; empty when the name is taken.
func newNamespace(ds *simulator.Datastore, name string) string {
	id := newUuid()
	if name == "" {
		name = id
	} else if os.Symlink(id, inside(ds, name)) != nil {
		return ""
	}
	if os.Mkdir(inside(ds, id), 0o700) != nil {
		return ""
	}
	return id
}

// namespacePath puts the id in the place of the name, as vSAN does in all that it tells.
func namespacePath(path string) string {
	var p object.DatastorePath
	if !p.FromString(path) || !isVsan(p.Datastore) {
		return path
	}
	first, rest, _ := strings.Cut(p.Path, "/")
	id, err := os.Readlink(inside(datastoreNamed(p.Datastore), first))
	if err != nil {
		return path
	}
	p.Path = id + "/" + rest
	return p.String()
}

func resolveImages(changes []types.BaseVirtualDeviceConfigSpec) {
	for _, each := range changes {
		if cd, ok := each.GetVirtualDeviceConfigSpec().Device.(*types.VirtualCdrom); ok {
			if backing, ok := cd.Backing.(*types.VirtualCdromIsoBackingInfo); ok {
				backing.FileName = namespacePath(backing.FileName)
			}
		}
	}
}

// forgetNamespace takes away the name of one that is gone.
func forgetNamespace(ds *simulator.Datastore, id string) {
	entries, _ := os.ReadDir(ds.Info.GetDatastoreInfo().Url)
	for _, entry := range entries {
		if target, err := os.Readlink(inside(ds, entry.Name())); err == nil && target == id {
			_ = os.Remove(inside(ds, entry.Name()))
		}
	}
}
