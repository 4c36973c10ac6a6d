package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sort"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// controlHandler is how a test looks behind the scenes and makes trouble: README.md lists it.
func (l *lab) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(l.state())
	})
	handle(mux, "/fault", func(fault *injectedFault) error { return l.faults.add(fault) })
	handle(mux, "/faults/clear", func(*struct{}) error { l.faults.clear(); return nil })
	handle(mux, "/session/drop", func(request *struct{ User string }) error {
		l.dropRest()
		if l.sessions.dropOf(request.User) == 0 {
			return fmt.Errorf("%s has no session", request.User)
		}
		return nil
	})
	handle(mux, "/clock", func(request *struct{ AdvanceSeconds int }) error {
		l.sessions.advance(time.Duration(request.AdvanceSeconds) * time.Second)
		return nil
	})
	handle(mux, "/host", l.setHost)
	handle(mux, "/datastore", l.setDatastore)
	handle(mux, "/cluster", l.setCluster)
	handle(mux, "/vapp", l.addVApp)
	handle(mux, "/vm", l.treatVm)
	handle(mux, "/busy", l.occupy)
	handle(mux, "/exclusive", l.occupation.set)
	handle(mux, "/policy", l.setPolicy)
	handle(mux, "/keyprovider", l.setKeyProvider)
	handle(mux, "/tag", l.addTag)
	handle(mux, "/libraryitem", l.addLibraryItem)
	handle(mux, "/hide", func(request *struct{ User, Type, Name string }) error {
		return l.hidden.add(request.User, request.Type, request.Name)
	})
	return mux
}

func handle[T any](mux *http.ServeMux, path string, run func(*T) error) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		request := new(T)
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		err := decoder.Decode(request)
		if err == nil {
			err = run(request)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (l *lab) setHost(request *struct {
	Name, State string
	// Logical processors; 0 leaves them as they are.
	Threads int16
}) error {
	for _, entity := range simulator.Map.All("HostSystem") {
		if entity.Entity().Name != request.Name {
			continue
		}
		if request.Threads > 0 {
			setThreads(entity.(*simulator.HostSystem), request.Threads)
			return nil
		}
		connection, maintenance := types.HostSystemConnectionStateConnected, false
		switch request.State {
		case "connected":
		case "maintenance":
			maintenance = true
		case "disconnected":
			connection = types.HostSystemConnectionStateDisconnected
		case "notResponding":
			connection = types.HostSystemConnectionStateNotResponding
		default:
			return fmt.Errorf("no such state: %q", request.State)
		}
		update(entity, map[string]types.AnyType{
			"runtime.connectionState":           connection,
			"runtime.inMaintenanceMode":         maintenance,
			"summary.runtime.connectionState":   connection,
			"summary.runtime.inMaintenanceMode": maintenance,
		})
		return nil
	}
	return fmt.Errorf("no such host: %q", request.Name)
}

func setThreads(host *simulator.HostSystem, threads int16) {
	hardware := *host.Summary.Hardware
	hardware.NumCpuThreads, hardware.NumCpuCores = threads, (threads+1)/2
	update(host, map[string]types.AnyType{"summary.hardware": &hardware})
}

func (l *lab) setDatastore(request *struct {
	Name       string
	CapacityGB *float64
	Accessible *bool
	// As one host, or all without a name, have it mounted: readWrite, readOnly, or none.
	Host, Mount string
}) error {
	ds := datastoreNamed(request.Name)
	if ds == nil {
		return fmt.Errorf("no such datastore: %q", request.Name)
	}
	for i := range l.opt.datastores {
		if request.CapacityGB != nil && l.opt.datastores[i].name == request.Name {
			l.opt.datastores[i].capacity = int64(*request.CapacityGB * (1 << 30))
		}
	}
	if request.Accessible != nil {
		update(ds, map[string]types.AnyType{"summary.accessible": *request.Accessible})
	}
	if request.Mount != "" {
		mountOn(ds, request.Host, request.Mount)
	}
	l.refreshDatastores()
	return nil
}

func mountOn(ds *simulator.Datastore, host, mode string) {
	mounts := append([]types.DatastoreHostMount{}, ds.Host...)
	for i := range mounts {
		if entity, ok := simulator.Map.Get(mounts[i].Key).(*simulator.HostSystem); ok && (host == "" || entity.Name == host) {
			isMounted := mode != "none"
			mounts[i].MountInfo.Mounted = &isMounted
			if isMounted {
				mounts[i].MountInfo.AccessMode = mode
			}
		}
	}
	update(ds, map[string]types.AnyType{"host": mounts})
}

func (l *lab) treatVm(request *struct{ Name, Action, Line string }) error {
	for _, entity := range simulator.Map.All("VirtualMachine") {
		if entity.Entity().Name != request.Name {
			continue
		}
		m := l.machines.of(entity.Reference())
		process := m.running()
		if request.Action == "announce" {
			m.announced(request.Line)
			return nil
		}
		if request.Action == "ask" {
			// A nil pointer of a type would not be nothing.
			var question types.AnyType
			if request.Line != "" {
				question = &types.VirtualMachineQuestionInfo{Id: "1", Text: request.Line}
			}
			update(entity, map[string]types.AnyType{"runtime.question": question})
			return nil
		}
		if request.Action == "consolidate" {
			// A snapshot went and left its files, or they are merged.
			update(entity, map[string]types.AnyType{"runtime.consolidationNeeded": request.Line != ""})
			return nil
		}
		if act, isOthers := othersActions[request.Action]; isOthers {
			body, err := act(entity.Reference(), request.Line)
			if err != nil {
				return err
			}
			return l.runForOther(body)
		}
		if process == nil {
			return fmt.Errorf("%s has no process", request.Name)
		}
		switch request.Action {
		case "kill":
			process.kill()
		case "pause":
			process.suspend(true)
		case "resume":
			process.suspend(false)
		case "failOver":
			return m.failOver(request.Line)
		default:
			return fmt.Errorf("no such action: %q", request.Action)
		}
		return nil
	}
	return fmt.Errorf("no such VM: %q", request.Name)
}

type vmState struct {
	Name      string `json:"name"`
	Reference string `json:"reference"`
	Power     string `json:"power"`
	ProcessID int    `json:"processId"`
	Address   string `json:"address"`
	Folder    string `json:"folder"`
	Host      string `json:"host"`
}

func (l *lab) state() interface{} {
	l.refreshDatastores()
	vms := []vmState{}
	for _, entity := range simulator.Map.All("VirtualMachine") {
		vm, ok := entity.(*simulator.VirtualMachine)
		// The simulator shows a VM before it has given it a name and a host.
		if !ok || vm.Name == "" || vm.Runtime.Host == nil {
			continue
		}
		m := l.machines.of(vm.Self)
		state := vmState{Name: vm.Name, Reference: vm.Self.Value, Power: string(powerState(vm)), Address: m.aliasAddress(), Host: vm.Runtime.Host.Value}
		if vm.Config != nil {
			state.Folder = filepath.Dir(fileOf(vm.Config.Files.VmPathName))
		}
		if process := m.running(); process != nil {
			state.ProcessID = process.id()
		}
		vms = append(vms, state)
	}
	sort.Slice(vms, func(i, j int) bool { return vms[i].Name < vms[j].Name })
	type space struct {
		Name     string `json:"name"`
		Folder   string `json:"folder"`
		Capacity int64  `json:"capacity"`
		Free     int64  `json:"free"`
	}
	stores := []space{}
	for _, ds := range allDatastores() {
		stores = append(stores, space{ds.Name, ds.Info.GetDatastoreInfo().Url, l.capacityOf(ds.Name), freeBytes(ds)})
	}
	calls, refused := l.counters.snapshot()
	return map[string]interface{}{
		"vms": vms, "datastores": stores, "sessions": l.sessions.list(), "calls": calls, "refused": refused,
	}
}
