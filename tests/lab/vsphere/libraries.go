package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

const (
	restLibraries    = "/com/vmware/content/library"
	restItemStorage  = "/rest" + restLibraries + "/item/storage"
	readsItemStorage = "ContentLibrary.ReadStorage"
)

// libraries knows where the files of library items lie, which this simulator does not tell.
type libraries struct {
	mu    sync.Mutex
	files map[string][]storedFile
}

// storedFile is a file of a library item, as the REST interface shows it.
type storedFile struct {
	Name    string         `json:"name"`
	Size    int64          `json:"size"`
	Cached  bool           `json:"cached"`
	Version string         `json:"version"`
	Uris    []string       `json:"storage_uris"`
	Backing storageBacking `json:"storage_backing"`
}

type storageBacking struct {
	Type      string `json:"type"`
	Datastore string `json:"datastore_id,omitempty"`
	Uri       string `json:"storage_uri,omitempty"`
}

// serveItemStorage answers for all files of an item.
func (l *lab) serveItemStorage(w http.ResponseWriter, r *http.Request) {
	l.libraries.mu.Lock()
	files, isKnown := l.libraries.files[r.URL.Query().Get("library_item_id")]
	l.libraries.mu.Unlock()
	if !isKnown {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]interface{}{"value": files})
}

// addLibraryItem makes a library, or takes the one of this name on the datastore, and puts files into a new item there.
func (l *lab) addLibraryItem(request *struct {
	Library, Datastore, Item, Type string
	// On this machine: name of the file in the item, and the file.
	Files map[string]string
	// A library of that name that is there already is not taken.
	Another bool
	// remote: a file server of the vCenter's. none: not fetched yet. vsan: as a vSAN writes it.
	Storage string
}) error {
	ds := datastoreNamed(request.Datastore)
	if ds == nil {
		return fmt.Errorf("no such datastore: %q", request.Datastore)
	}
	key, err := l.askRest("POST", "/com/vmware/cis/session", "", nil)
	if err != nil {
		return err
	}
	library, err := l.libraryNamed(key, request.Library, ds.Self.Value, request.Another)
	if err != nil {
		return err
	}
	item, err := l.askRest("POST", restLibraries+"/item", key, map[string]interface{}{"create_spec": map[string]interface{}{
		"name": request.Item, "library_id": library, "type": request.Type,
	}})
	if err != nil {
		return err
	}
	files := []storedFile{}
	for name, source := range request.Files {
		extension := path.Ext(name)
		place := path.Join("contentlib-"+library, item, strings.TrimSuffix(name, extension)+"_"+newUuid()+extension)
		size, err := copyFile(source, inside(ds, place), request.Storage == "none")
		if err != nil {
			return err
		}
		file := storedFile{Name: name, Size: size, Cached: request.Storage != "none", Version: "1"}
		switch root := ds.Summary.Url; request.Storage {
		case "remote":
			file.Backing = storageBacking{Type: "OTHER", Uri: "nfs://files/libraries"}
			file.Uris = []string{"nfs://files/libraries/" + place}
		case "vsan":
			file.Backing = storageBacking{Type: "DATASTORE", Datastore: ds.Self.Value}
			file.Uris = []string{root + "/" + place + "?serverId=" + newUuid()}
		default:
			file.Backing = storageBacking{Type: "DATASTORE", Datastore: ds.Self.Value}
			file.Uris = []string{root + place}
		}
		files = append(files, file)
	}
	l.libraries.mu.Lock()
	l.libraries.files[item] = files
	l.libraries.mu.Unlock()
	return nil
}

func (l *lab) libraryNamed(key, name, datastore string, isAnother bool) (string, error) {
	var ids struct{ Value []string }
	if err := l.readRest(restLibraries, key, &ids); err != nil {
		return "", err
	}
	for _, id := range ids.Value {
		var known struct{ Value struct{ Name string } }
		if err := l.readRest(restLibraries+"/id:"+id, key, &known); err != nil {
			return "", err
		}
		if known.Value.Name == name && !isAnother {
			return id, nil
		}
	}
	return l.askRest("POST", "/com/vmware/content/local-library", key, map[string]interface{}{"create_spec": map[string]interface{}{
		"name": name, "type": "LOCAL",
		"storage_backings": []storageBacking{{Type: "DATASTORE", Datastore: datastore}},
	}})
}

// copyFile gives the length; a file that is not fetched has one all the same.
func copyFile(from, to string, isAbsent bool) (int64, error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if isAbsent {
		info, err := in.Stat()
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return 0, err
	}
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(out, in)
	if err != nil {
		out.Close()
		return 0, err
	}
	return size, out.Close()
}
