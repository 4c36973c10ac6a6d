package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	_ "github.com/vmware/govmomi/vapi/simulator"
)

const (
	restPrefix   = "/rest/"
	restSession  = "/rest/com/vmware/cis/session"
	restHeader   = "vmware-api-session-id"
	attachesTags = "InventoryService.Tagging.AttachTag"
)

// restSessions knows who is behind a session of the REST interface: the simulator lets anybody in.
type restSessions struct {
	mu    sync.Mutex
	users map[string]*user
}

// serveRest checks logins and rights, which the simulator does not.
func (l *lab) serveRest(w http.ResponseWriter, r *http.Request) {
	l.counters.count("REST " + r.Method + " " + strings.TrimPrefix(r.URL.Path, restPrefix))
	if fault := l.faults.take("REST "+r.Method, []byte(r.URL.Path)); fault != nil && l.inject(w, &call{name: "REST", injected: fault}) {
		return
	}
	if r.URL.Path == restSession && r.Method == http.MethodPost {
		l.openRestSession(w, r)
		return
	}
	l.rest.mu.Lock()
	owner := l.rest.users[r.Header.Get(restHeader)]
	l.rest.mu.Unlock()
	switch {
	case owner == nil:
		w.WriteHeader(http.StatusUnauthorized)
	case strings.Contains(r.URL.Path, "/tag-association/") && !owner.role[attachesTags]:
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == restItemStorage && !owner.role[readsItemStorage]:
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == restItemStorage:
		l.serveItemStorage(w, r)
	default:
		l.simulated.ServeHTTP(w, r)
	}
}

func (l *lab) openRestSession(w http.ResponseWriter, r *http.Request) {
	name, password, _ := r.BasicAuth()
	owner := l.userNamed(name)
	if owner == nil || owner.password != password || password == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer := httptest.NewRecorder()
	l.simulated.ServeHTTP(answer, r)
	var id struct{ Value string }
	if err := json.Unmarshal(answer.Body.Bytes(), &id); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	l.rest.mu.Lock()
	l.rest.users[id.Value] = owner
	l.rest.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// dropRest ends all sessions of the REST interface.
func (l *lab) dropRest() {
	l.rest.mu.Lock()
	defer l.rest.mu.Unlock()
	l.rest.users = map[string]*user{}
}

// addTag makes a tag, and its category where that is new.
func (l *lab) addTag(request *struct {
	Category, Name string
	// An object may have one tag of the category only.
	Single bool
	// What the category's tags are for; empty: all.
	Types []string
}) error {
	key, err := l.askRest("POST", "/com/vmware/cis/session", "", nil)
	if err != nil {
		return err
	}
	category, err := l.categoryNamed(key, request.Category)
	if err != nil {
		return err
	}
	if category == "" {
		cardinality := "MULTIPLE"
		if request.Single {
			cardinality = "SINGLE"
		}
		category, err = l.askRest("POST", "/com/vmware/cis/tagging/category", key, map[string]interface{}{"create_spec": map[string]interface{}{
			"name": request.Category, "cardinality": cardinality, "associable_types": request.Types,
		}})
		if err != nil {
			return err
		}
	}
	_, err = l.askRest("POST", "/com/vmware/cis/tagging/tag", key, map[string]interface{}{"create_spec": map[string]interface{}{
		"name": request.Name, "category_id": category,
	}})
	return err
}

func (l *lab) categoryNamed(key, name string) (string, error) {
	var ids struct{ Value []string }
	if err := l.readRest("/com/vmware/cis/tagging/category", key, &ids); err != nil {
		return "", err
	}
	for _, id := range ids.Value {
		var category struct {
			Value struct{ Name string }
		}
		if err := l.readRest("/com/vmware/cis/tagging/category/id:"+id, key, &category); err != nil {
			return "", err
		}
		if category.Value.Name == name {
			return id, nil
		}
	}
	return "", nil
}

func (l *lab) readRest(path, key string, into interface{}) error {
	request := httptest.NewRequest("GET", "/rest"+path, nil)
	request.Header.Set(restHeader, key)
	answer := httptest.NewRecorder()
	l.simulated.ServeHTTP(answer, request)
	return json.Unmarshal(answer.Body.Bytes(), into)
}

// askRest asks the simulator itself; the answer is a text.
func (l *lab) askRest(method, path, key string, body interface{}) (string, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	request := httptest.NewRequest(method, "/rest"+path, io.NopCloser(bytes.NewReader(content)))
	request.Header.Set(restHeader, key)
	request.SetBasicAuth("lab", "lab")
	answer := httptest.NewRecorder()
	l.simulated.ServeHTTP(answer, request)
	var result struct{ Value string }
	if answer.Code != http.StatusOK {
		return "", fmt.Errorf("%s %s: HTTP %d %s", method, path, answer.Code, answer.Body.String())
	}
	return result.Value, json.Unmarshal(answer.Body.Bytes(), &result)
}
