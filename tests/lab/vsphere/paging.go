package main

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// pages holds what is left of long answers of the property collector: the simulator gives all objects at once.
type pages struct {
	mu    sync.Mutex
	last  int
	rests map[string]rest
}

type rest struct {
	head, tail []byte
	objects    [][]byte
	size       int
}

var (
	objectBorder    = []byte("</objects><objects>")
	invalidProperty = regexp.MustCompile(`type="InvalidProperty"><name>([^<]*)</name>`)
)

// respondWithProperties: an unknown property is a fault of the whole call, and an answer has no more objects than asked for.
func (l *lab) respondWithProperties(c *call) func(http.ResponseWriter) {
	answer := newRecorder()
	l.simulated.ServeHTTP(answer, c.request)
	if match := invalidProperty.FindSubmatch(answer.body.Bytes()); match != nil {
		return func(w http.ResponseWriter) { writeSoap(w, refusal(&types.InvalidProperty{Name: string(match[1])})) }
	}
	if seen := l.hidden.without(c.user, answer.body.Bytes()); len(seen) != answer.body.Len() {
		answer.body.Reset()
		answer.body.Write(seen)
	}
	body, ok := c.body.(*types.RetrievePropertiesEx)
	if !ok || body.Options.MaxObjects <= 0 || answer.status != http.StatusOK {
		return answer.sendTo
	}
	text := answer.body.Bytes()
	start, end := bytes.Index(text, []byte("<objects>")), bytes.LastIndex(text, []byte("</objects>"))
	if start < 0 {
		return answer.sendTo
	}
	whole := rest{
		head:    append([]byte{}, text[:start]...),
		tail:    append([]byte{}, text[end+len("</objects>"):]...),
		objects: bytes.Split(append([]byte{}, text[start+len("<objects>"):end]...), objectBorder),
		size:    int(body.Options.MaxObjects),
	}
	answer.body.Reset()
	answer.body.Write(l.pages.next(whole))
	return answer.sendTo
}

// next cuts a page off, and keeps the rest under the token that the page names.
func (p *pages) next(all rest) []byte {
	page := all.objects
	token := ""
	if len(page) > all.size {
		page = page[:all.size]
		p.mu.Lock()
		p.last++
		token = fmt.Sprintf("page-%d", p.last)
		if p.rests == nil {
			p.rests = map[string]rest{}
		}
		p.rests[token] = rest{all.head, all.tail, all.objects[all.size:], all.size}
		p.mu.Unlock()
	}
	var out bytes.Buffer
	out.Write(all.head)
	if token != "" {
		fmt.Fprintf(&out, "<token>%s</token>", token)
	}
	out.WriteString("<objects>")
	out.Write(bytes.Join(page, objectBorder))
	out.WriteString("</objects>")
	out.Write(all.tail)
	return out.Bytes()
}

func (p *pages) take(token string) (rest, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.rests[token]
	delete(p.rests, token)
	return found, ok
}

var responseName = []byte("RetrievePropertiesExResponse")

func (l *lab) continueRetrieving(c *call) func(http.ResponseWriter) {
	left, ok := l.pages.take(c.body.(*types.ContinueRetrievePropertiesEx).Token)
	if !ok {
		return func(w http.ResponseWriter) { writeSoap(w, refusal(&types.InvalidArgument{InvalidProperty: "token"})) }
	}
	text := bytes.ReplaceAll(l.pages.next(left), responseName, []byte("Continue"+string(responseName)))
	return func(w http.ResponseWriter) { _, _ = w.Write(text) }
}

func (l *lab) cancelRetrieving(c *call) soap.HasFault {
	if _, ok := l.pages.take(c.body.(*types.CancelRetrievePropertiesEx).Token); !ok {
		return refusal(&types.InvalidArgument{InvalidProperty: "token"})
	}
	return answer(&types.CancelRetrievePropertiesExResponse{})
}
