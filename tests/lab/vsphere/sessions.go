package main

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const cookieName = "vmware_soap_session"

// As vCenter's and ESXi's own default.
const idleTimeout = 30 * time.Minute

type session struct {
	Key  string `json:"key"`
	User string `json:"user"`
	user *user
	last time.Time
}

// sessions knows who is behind a cookie; the session itself is the simulator's.
type sessions struct {
	mu    sync.Mutex
	known map[string]*session
	// How far the lab's clock is ahead: POST /clock.
	ahead time.Duration
}

var userNameElement = regexp.MustCompile(`<userName>([^<]*)</userName>`)

func (s *sessions) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *sessions) advance(d time.Duration) {
	s.mu.Lock()
	s.ahead += d
	s.mu.Unlock()
}

// of finds the session of a request's cookie and counts the request as its activity.
func (s *sessions) of(r *http.Request) *session {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	return s.byCookie(cookie.Value)
}

// byCookie counts as the session's activity.
func (s *sessions) byCookie(value string) *session {
	now := s.now()
	s.mu.Lock()
	found := s.known[value]
	expired := found != nil && now.Sub(found.last) > idleTimeout
	if found != nil {
		found.last = now
	}
	s.mu.Unlock()
	if expired {
		s.drop(found.Key)
		return nil
	}
	return found
}

// open takes note of the session that an answer to Login or CloneSession made, and dresses its cookie as vCenter does.
func (l *lab) openSession(answer *recorder) {
	for i, cookie := range answer.header["Set-Cookie"] {
		name, rest, _ := strings.Cut(cookie, "=")
		key, _, _ := strings.Cut(rest, ";")
		match := userNameElement.FindSubmatch(answer.body.Bytes())
		if name != cookieName || match == nil {
			continue
		}
		answer.header["Set-Cookie"][i] = cookieName + `="` + key + `"; Path=/; HttpOnly; Secure`
		owner := l.userNamed(string(match[1]))
		if owner == nil {
			continue
		}
		now := l.sessions.now()
		l.sessions.mu.Lock()
		l.sessions.known[key] = &session{Key: key, User: owner.Name, user: owner, last: now}
		l.sessions.mu.Unlock()
	}
}

func (s *sessions) byKey(key string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key]
}

func (s *sessions) list() []session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []session{}
	for _, each := range s.known {
		all = append(all, *each)
	}
	return all
}

// drop ends a session in the simulator too.
func (s *sessions) drop(key string) {
	s.mu.Lock()
	delete(s.known, key)
	s.mu.Unlock()
	manager := simulator.Map.SessionManager().Reference()
	_ = invoke(&types.TerminateSession{This: manager, SessionId: []string{key}})
}

// dropOf ends the sessions of a user, or of all with "*"; the count of them.
func (s *sessions) dropOf(name string) int {
	count := 0
	for _, each := range s.list() {
		if name == "*" || strings.EqualFold(each.User, name) {
			s.drop(each.Key)
			count++
		}
	}
	return count
}
