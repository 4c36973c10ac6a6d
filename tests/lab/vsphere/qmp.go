package main

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"
)

// qmp is a QEMU's monitor.
type qmp struct {
	mu      sync.Mutex
	socket  *os.File
	replies chan qmpReply
}

type qmpReply struct {
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Desc string `json:"desc"`
	} `json:"error"`
	Event    string          `json:"event"`
	Greeting json.RawMessage `json:"QMP"`
}

const qmpTimeout = 30 * time.Second

func connectQmp(socket *os.File) (*qmp, error) {
	q := &qmp{socket: socket, replies: make(chan qmpReply, 16)}
	go q.read()
	if _, err := q.next(); err != nil {
		return nil, err
	}
	_, err := q.execute("qmp_capabilities", nil)
	return q, err
}

func (q *qmp) read() {
	defer close(q.replies)
	defer q.socket.Close()
	for decoder := json.NewDecoder(q.socket); ; {
		var reply qmpReply
		if decoder.Decode(&reply) != nil {
			return
		}
		if reply.Event == "" {
			q.replies <- reply
		}
	}
}

func (q *qmp) next() (json.RawMessage, error) {
	select {
	case reply, isOpen := <-q.replies:
		if !isOpen {
			return nil, errors.New("QEMU has ended")
		}
		if reply.Error != nil {
			return nil, errors.New(reply.Error.Desc)
		}
		return reply.Return, nil
	case <-time.After(qmpTimeout):
		return nil, errors.New("QEMU's monitor does not answer")
	}
}

func (q *qmp) execute(command string, arguments map[string]interface{}) (json.RawMessage, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	request := map[string]interface{}{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if _, err := q.socket.Write(append(text, '\n')); err != nil {
		return nil, err
	}
	return q.next()
}
