package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const folderPrefix = "/folder/"

// serveFolder is the datastores' files over HTTP. The simulator asks for no session, and finds no datastore in a cluster.
func (l *lab) serveFolder(w http.ResponseWriter, r *http.Request) {
	l.counters.count(r.Method + " /folder")
	session := l.sessions.of(r)
	fault := l.faults.take(r.Method+" /folder", nil)
	if fault != nil && fault.Kind == "dropSession" && session != nil {
		l.sessions.drop(session.Key)
		session = nil
	}
	if fault != nil && fault.Kind == "http" {
		http.Error(w, "injected", fault.Status)
		return
	}
	if session == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="VMware HTTP server"`)
		http.Error(w, "401 Unauthorized", http.StatusUnauthorized)
		return
	}
	// Both for every method, as the privileges for HTTP access are documented.
	if !session.user.role["Datastore.Browse"] || !session.user.role["Datastore.FileManagement"] {
		http.Error(w, "403 Forbidden", http.StatusForbidden)
		return
	}
	ds := findDatastore(r.URL.Query())
	if ds == nil {
		http.NotFound(w, r)
		return
	}
	file := inside(ds, strings.TrimPrefix(r.URL.Path, folderPrefix))
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, file)
	case http.MethodPut, http.MethodPost:
		l.receive(w, r, ds, file, fault)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// findDatastore: a stand-alone host's only datacenter need not be named.
func findDatastore(query url.Values) *simulator.Datastore {
	ds := datastoreNamed(query.Get("dsName"))
	if ds == nil {
		return nil
	}
	center := datacenterOf(ds.Self)
	wanted := strings.Trim(query.Get("dcPath"), "/")
	if wanted == "" && simulator.Map.IsESX() || center != nil && wanted == center.Name {
		return ds
	}
	return nil
}

func (l *lab) receive(w http.ResponseWriter, r *http.Request, ds *simulator.Datastore, file string, fault *injectedFault) {
	l.refreshDatastores()
	free := freeBytes(ds)
	if r.ContentLength > free {
		http.Error(w, "There is no space left on the datastore.", http.StatusInternalServerError)
		return
	}
	isNew := !exists(file)
	// The folder must be there: vSphere makes none.
	out, err := os.Create(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer out.Close()
	var content io.Reader = io.LimitReader(r.Body, free+1)
	if fault != nil && fault.Kind == "disconnect" {
		content = io.LimitReader(r.Body, fault.AfterBytes)
	}
	written, err := io.Copy(out, content)
	switch {
	case fault != nil && fault.Kind == "disconnect":
		log.Printf("PUT %s: cut after %d bytes, as ordered", file, written)
		cutConnection(w)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case written > free:
		http.Error(w, "There is no space left on the datastore.", http.StatusInternalServerError)
	case isNew:
		w.WriteHeader(http.StatusCreated)
	default:
		w.WriteHeader(http.StatusOK)
	}
	l.refreshDatastores()
}

// createDirectory is DatastoreNamespaceManager's, for datastores without folders at the top (vSAN).
func (l *lab) createDirectory(c *call) soap.HasFault {
	body := c.body.(*types.CreateDirectory)
	ds, ok := simulator.Map.Get(body.Datastore).(*simulator.Datastore)
	if !ok {
		return refusal(&types.ManagedObjectNotFound{Obj: body.Datastore})
	}
	if !isVsan(ds.Name) {
		return refusal(&types.InvalidDatastore{Datastore: &ds.Self, Name: ds.Name})
	}
	id := newNamespace(ds, body.DisplayName)
	if id == "" {
		return refusal(&types.FileAlreadyExists{FileFault: types.FileFault{File: body.DisplayName}})
	}
	return answer(&types.CreateDirectoryResponse{Returnval: fmt.Sprintf("/vmfs/volumes/%s/%s", ds.Name, id)})
}

func (l *lab) deleteDirectory(c *call) soap.HasFault {
	body := c.body.(*types.DeleteDirectory)
	parts := strings.SplitN(strings.TrimPrefix(body.DatastorePath, "/vmfs/volumes/"), "/", 2)
	ds := datastoreNamed(parts[0])
	if ds == nil || len(parts) < 2 || parts[1] == "" || !exists(inside(ds, parts[1])) {
		return refusal(&types.FileNotFound{FileFault: types.FileFault{File: body.DatastorePath}})
	}
	forgetNamespace(ds, parts[1])
	if err := os.RemoveAll(inside(ds, parts[1])); err != nil {
		return refusal(&types.FileFault{File: body.DatastorePath})
	}
	return answer(&types.DeleteDirectoryResponse{})
}

// makeDirectory: a vSAN takes none at the top.
func (l *lab) makeDirectory(c *call) soap.HasFault {
	var p object.DatastorePath
	name := c.body.(*types.MakeDirectory).Name
	if p.FromString(name) && isVsan(p.Datastore) && parentOf(path.Clean(p.Path)) == "." {
		return refusal(&types.CannotCreateFile{FileFault: types.FileFault{File: name}})
	}
	return nil
}

func parentOf(datastorePath string) string { return path.Dir(filepath.ToSlash(datastorePath)) }
