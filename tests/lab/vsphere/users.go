package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/types"
)

type user struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	password string
	role     role
}

// role is the set of privileges that it grants, on every object: the lab knows no permissions of single objects.
type role map[string]bool

// The simulator's own list is of 6.5 and of a stand-alone host: what a vCenter alone has is added.
var allPrivileges = func() []string {
	for _, r := range esx.RoleList {
		if r.Name == "Admin" {
			return append(append([]string{}, r.Privilege...), viewsPolicies, attachesTags, readsItemStorage)
		}
	}
	panic("the simulator has no Admin role")
}()

func parseRole(text string) (role, error) {
	names := strings.Split(text, "-")
	r := role{}
	switch names[0] {
	case "Administrator":
		for _, privilege := range allPrivileges {
			r[privilege] = true
		}
	case "ReadOnly":
		r["System.Anonymous"], r["System.View"], r["System.Read"] = true, true, true
	case "NoAccess":
	default:
		return nil, fmt.Errorf("no such role: %s", names[0])
	}
	for _, privilege := range names[1:] {
		if !r[privilege] {
			return nil, fmt.Errorf("role %s has no privilege %s to lack", names[0], privilege)
		}
		delete(r, privilege)
	}
	return r, nil
}

func (r role) list() []string {
	var granted []string
	for _, privilege := range allPrivileges {
		if r[privilege] {
			granted = append(granted, privilege)
		}
	}
	return granted
}

func (r role) availability(entity types.ManagedObjectReference, privileges []string) types.EntityPrivilege {
	answer := types.EntityPrivilege{Entity: entity}
	for _, privilege := range privileges {
		answer.PrivAvailability = append(answer.PrivAvailability, types.PrivilegeAvailability{PrivId: privilege, IsGranted: r[privilege]})
	}
	return answer
}

func (l *lab) userNamed(name string) *user {
	for i := range l.opt.users {
		if strings.EqualFold(l.opt.users[i].Name, name) {
			return &l.opt.users[i]
		}
	}
	return nil
}
