package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/vmware/govmomi/pbm/methods"
	pbm "github.com/vmware/govmomi/pbm/simulator"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	policyPrefix      = "/pbm"
	viewsPolicies     = "StorageProfile.View"
	requirementOfType = "PbmPlacementCapabilityProfileRequirement"
)

// policies knows which datastores fulfil a storage policy; its name and its id are the simulator's.
type policies struct {
	mu     sync.Mutex
	fitted map[string][]string
}

type policyRequest struct {
	Cookie string `xml:"Header>vcSessionCookie"`
	Body   struct {
		Content struct {
			XMLName xml.Name
			This    struct {
				Type  string `xml:"type,attr"`
				Value string `xml:",chardata"`
			} `xml:"_this"`
			Hubs []struct {
				HubType string `xml:"hubType"`
				HubId   string `xml:"hubId"`
			} `xml:"hubsToSearch"`
			Requirement struct {
				Type    string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
				Profile string `xml:"profileId>uniqueId"`
			} `xml:"placementSubjectRequirement"`
		} `xml:",any"`
	} `xml:"Body"`
}

// servePolicies: the server looks for the session in the message. The simulator calls each datastore compatible.
func (l *lab) servePolicies(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var request policyRequest
	if err := xml.Unmarshal(raw, &request); err != nil {
		l.counters.refuse(err.Error())
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	content := request.Body.Content
	l.counters.count(content.XMLName.Local)
	if fault := l.faults.take(content.XMLName.Local, raw); fault != nil && l.inject(w, &call{name: content.XMLName.Local, injected: fault}) {
		return
	}
	session := l.sessions.byCookie(request.Cookie)
	switch {
	case content.XMLName.Space != "urn:pbm" || content.This.Type == "":
		l.counters.refuse("no call of storage policies: " + content.XMLName.Space + " " + content.XMLName.Local)
		writeSoap(w, refusal(&types.InvalidRequest{}))
	case session == nil:
		writeSoap(w, refusal(&types.NotAuthenticated{}))
	case !session.user.role[viewsPolicies]:
		writeSoap(w, refusal(&types.NoPermission{PrivilegeId: viewsPolicies}))
	case content.XMLName.Local == "PbmCheckRequirements":
		if content.Requirement.Type == "" || !strings.HasSuffix(content.Requirement.Type, requirementOfType) {
			l.counters.refuse("a requirement of the type " + content.Requirement.Type)
			writeSoap(w, refusal(&types.InvalidRequest{}))
			return
		}
		var hubs []string
		for _, hub := range content.Hubs {
			hubs = append(hubs, hub.HubId)
		}
		l.answerCompatibility(w, content.Requirement.Profile, hubs)
	default:
		r.Body = io.NopCloser(bytes.NewReader(raw))
		l.simulated.ServeHTTP(w, r)
	}
}

func (l *lab) answerCompatibility(w http.ResponseWriter, profile string, hubs []string) {
	name := policyNamed(profile)
	var text strings.Builder
	text.WriteString(xml.Header + `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
		`<PbmCheckRequirementsResponse xmlns="urn:pbm">`)
	for _, hub := range hubs {
		fmt.Fprintf(&text, "<returnval><hub><hubType>Datastore</hubType><hubId>%s</hubId></hub>", hub)
		if !l.fulfils(name, hub) {
			text.WriteString("<error><localizedMessage>The datastore does not offer the policy's capabilities.</localizedMessage></error>")
		}
		text.WriteString("</returnval>")
	}
	text.WriteString("</PbmCheckRequirementsResponse></soapenv:Body></soapenv:Envelope>")
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, text.String())
}

// fulfils: a policy of which nothing was said fits everywhere.
func (l *lab) fulfils(policy, datastore string) bool {
	l.policies.mu.Lock()
	defer l.policies.mu.Unlock()
	names, isKnown := l.policies.fitted[policy]
	if !isKnown {
		return true
	}
	for _, name := range names {
		if ds := datastoreNamed(name); ds != nil && ds.Self.Value == datastore {
			return true
		}
	}
	return false
}

func (l *lab) setPolicy(request *struct {
	Name       string
	Datastores []string
}) error {
	l.policies.mu.Lock()
	defer l.policies.mu.Unlock()
	l.policies.fitted[request.Name] = request.Datastores
	return nil
}

var profileManager = pbm.ProfileManager{}

// policyNamed is the name of a policy with an id; empty where there is none.
func policyNamed(id string) string {
	result := profileManager.PbmRetrieveContent(&pbmtypes.PbmRetrieveContent{ProfileIds: []pbmtypes.PbmProfileId{{UniqueId: id}}})
	if result.Fault() != nil {
		return ""
	}
	return result.(*methods.PbmRetrieveContentBody).Res.Returnval[0].GetPbmProfile().Name
}

// checkPolicies: a VM asks for a policy that there is, on datastores that fulfil it.
func (l *lab) checkPolicies(spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	check := func(profiles []types.BaseVirtualMachineProfileSpec, path string) types.BaseMethodFault {
		for _, each := range profiles {
			profile, ok := each.(*types.VirtualMachineDefinedProfileSpec)
			if !ok {
				continue
			}
			name, ds := policyNamed(profile.ProfileId), datastoreOfPath(path)
			if name == "" {
				return &types.InvalidArgument{InvalidProperty: "configSpec.vmProfile"}
			}
			if ds == nil || !l.fulfils(name, ds.Self.Value) {
				return &types.CannotCreateFile{FileFault: types.FileFault{File: path}}
			}
		}
		return nil
	}
	if fault := check(spec.VmProfile, spec.Files.VmPathName); fault != nil {
		return fault
	}
	for _, each := range spec.DeviceChange {
		change := each.GetVirtualDeviceConfigSpec()
		disk, ok := change.Device.(*types.VirtualDisk)
		if !ok {
			continue
		}
		backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		if fault := check(change.Profile, backing.GetVirtualDeviceFileBackingInfo().FileName); fault != nil {
			return fault
		}
	}
	return nil
}
