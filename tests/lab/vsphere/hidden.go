package main

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/vmware/govmomi/simulator"
)

// hidden are the objects that a user has no right to read: vSphere leaves them out of what it tells.
type hidden struct {
	mu     sync.Mutex
	byUser map[string][]ref
}

func (h *hidden) add(user, kind, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, entity := range simulator.Map.All(kind) {
		if entity.Entity().Name == name {
			if h.byUser == nil {
				h.byUser = map[string][]ref{}
			}
			h.byUser[user] = append(h.byUser[user], entity.Reference())
			return nil
		}
	}
	return fmt.Errorf("there is no %s %q", kind, name)
}

// without takes the hidden objects out of an answer of the property collector.
func (h *hidden) without(user string, answer []byte) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, object := range h.byUser[user] {
		mark := []byte(fmt.Sprintf(`<objects><obj type="%s">%s</obj>`, object.Type, object.Value))
		for start := bytes.Index(answer, mark); start >= 0; start = bytes.Index(answer, mark) {
			end := start + bytes.Index(answer[start:], []byte("</objects>")) + len("</objects>")
			answer = append(append([]byte{}, answer[:start]...), answer[end:]...)
		}
	}
	return answer
}
